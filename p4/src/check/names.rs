//! Names and annotations as the control plane sees them, and source text put together again.

use std::sync::Arc;

use super::Checker;
use super::problem::CheckProblem;
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, AnnotationBody, BinaryOperator, ExpressionKind, UnaryOperator};

impl<'a> Checker<'a> {
    /// The control-plane name of something that is declared here: what `@name` says, below the
    /// name of the instance unless it begins with a dot (specification 18.3).
    pub(super) fn control_name(
        &mut self,
        annotations: &'a [ast::Annotation],
        local: &ast::Name,
    ) -> Arc<str> {
        let given = self.name_annotation(annotations);
        match given.as_deref() {
            Some(name) => match name.strip_prefix('.') {
                Some(absolute) => Arc::from(absolute),
                None => self.below_prefix(name),
            },
            None => self.below_prefix(&local.text),
        }
    }

    /// The name below that of the present instance.
    pub(super) fn below_prefix(&self, name: &str) -> Arc<str> {
        let prefix = &*self.context.prefix;
        if prefix.is_empty() { Arc::from(name) } else { format!("{prefix}.{name}").into() }
    }

    /// What `@name` says, if it is there.
    pub(super) fn name_annotation(
        &mut self,
        annotations: &'a [ast::Annotation],
    ) -> Option<Arc<str>> {
        let annotation = annotations.iter().find(|one| &*one.name.text == "name")?;
        match &annotation.body {
            AnnotationBody::Expressions(expressions) => match expressions.as_slice() {
                [ast::Expression { kind: ExpressionKind::String(text), .. }]
                    if !text.trim_matches('.').is_empty() =>
                {
                    Some(text.clone())
                }
                _ => self.refuse(annotation.span, CheckProblem::BadNameAnnotation),
            },
            _ => self.refuse(annotation.span, CheckProblem::BadNameAnnotation),
        }
    }

    /// Refuses a second thing of one kind with the same control-plane name.
    pub(super) fn unique_control_name(&mut self, what: &'static str, name: &Arc<str>, span: Span) {
        if let Some(first) = self.control_names.insert((what, name.clone()), span) {
            let problem = CheckProblem::DuplicateControlName { what, name: name.to_string() };
            self.report_with(span, problem, vec![(first, "the first one is declared here")]);
        }
    }
}

/// Whether there is an annotation of that name.
pub(super) fn has_annotation(annotations: &[ast::Annotation], name: &str) -> bool {
    annotations.iter().any(|one| &*one.name.text == name)
}

/// The annotations as P4Info shows them.
pub(super) fn shown_annotations(annotations: &[ast::Annotation]) -> Vec<ir::Annotation> {
    annotations.iter().map(shown_annotation).collect()
}

fn shown_annotation(annotation: &ast::Annotation) -> ir::Annotation {
    let body: Arc<str> = match &annotation.body {
        AnnotationBody::Empty => Arc::from(""),
        AnnotationBody::Expressions(expressions) => {
            expressions.iter().map(text).collect::<Vec<_>>().join(", ").into()
        }
        AnnotationBody::KeyValues(pairs) => {
            let shown = pairs.iter().map(|(key, value)| format!("{key} = {}", text(value)));
            shown.collect::<Vec<_>>().join(", ").into()
        }
        AnnotationBody::Tokens(tokens) => tokens.clone(),
    };
    ir::Annotation { name: annotation.name.text.clone(), body }
}

/// The text of an expression, in one form whatever the spaces in the source.
pub(super) fn text(expression: &ast::Expression) -> String {
    let mut out = String::new();
    write_text(&mut out, expression, 0);
    out
}

fn write_list(out: &mut String, list: &[ast::Expression], depth: usize) {
    for (index, element) in list.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_text(out, element, depth);
    }
}

fn write_arguments(out: &mut String, arguments: &[ast::Argument], depth: usize) {
    out.push('(');
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if let Some(name) = &argument.name {
            out.push_str(&name.text);
            out.push_str(" = ");
        }
        match &argument.value {
            Some(value) => write_text(out, value, depth),
            None => out.push('_'),
        }
    }
    out.push(')');
}

fn write_text(out: &mut String, expression: &ast::Expression, depth: usize) {
    if depth > ir::MAX_DEPTH {
        out.push('?');
        return;
    }
    let depth = depth + 1;
    match &expression.kind {
        ExpressionKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ExpressionKind::Integer(literal) => match literal.width {
            Some((width, signed)) => {
                let sign = if signed { 's' } else { 'w' };
                out.push_str(&format!("{width}{sign}{}", literal.value));
            }
            None => out.push_str(&literal.value.to_string()),
        },
        ExpressionKind::String(text) => {
            out.push('"');
            for letter in text.chars() {
                match letter {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    other => out.push(other),
                }
            }
            out.push('"');
        }
        ExpressionKind::Path(path) => out.push_str(&path.to_string()),
        ExpressionKind::This => out.push_str("this"),
        ExpressionKind::Member(base, name) => {
            write_text(out, base, depth);
            out.push('.');
            out.push_str(&name.text);
        }
        ExpressionKind::TypeMember(ty, name) => {
            out.push_str(match ty.kind {
                ast::TypeKind::Error => "error",
                _ => "type",
            });
            out.push('.');
            out.push_str(&name.text);
        }
        ExpressionKind::Index(base, index) => {
            write_text(out, base, depth);
            out.push('[');
            write_text(out, index, depth);
            out.push(']');
        }
        ExpressionKind::Slice(base, high, low) => {
            write_text(out, base, depth);
            out.push('[');
            write_text(out, high, depth);
            out.push(':');
            write_text(out, low, depth);
            out.push(']');
        }
        ExpressionKind::Call { function, arguments, .. } => {
            write_text(out, function, depth);
            write_arguments(out, arguments, depth);
        }
        ExpressionKind::Construct { arguments, .. } => {
            out.push_str("type");
            write_arguments(out, arguments, depth);
        }
        ExpressionKind::Unary(operator, operand) => {
            out.push_str(unary_text(*operator));
            write_text(out, operand, depth);
        }
        ExpressionKind::Binary(operator, left, right) => {
            write_text(out, left, depth);
            out.push_str(&format!(" {} ", operator_text(*operator)));
            write_text(out, right, depth);
        }
        ExpressionKind::Cast(_, operand) => {
            out.push_str("(type)");
            write_text(out, operand, depth);
        }
        ExpressionKind::Conditional(condition, then, otherwise) => {
            write_text(out, condition, depth);
            out.push_str(" ? ");
            write_text(out, then, depth);
            out.push_str(" : ");
            write_text(out, otherwise, depth);
        }
        ExpressionKind::List { elements, .. } => {
            out.push_str("{ ");
            write_list(out, elements, depth);
            out.push_str(" }");
        }
        ExpressionKind::Record { fields, .. } => {
            out.push_str("{ ");
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&format!("{name} = "));
                write_text(out, value, depth);
            }
            out.push_str(" }");
        }
        ExpressionKind::Invalid => out.push_str("{#}"),
        ExpressionKind::DontCare => out.push('_'),
        ExpressionKind::Mask(value, mask) => {
            write_text(out, value, depth);
            out.push_str(" &&& ");
            write_text(out, mask, depth);
        }
        ExpressionKind::Range(low, high) => {
            write_text(out, low, depth);
            out.push_str(" .. ");
            write_text(out, high, depth);
        }
        ExpressionKind::Tuple(elements) => {
            out.push('(');
            write_list(out, elements, depth);
            out.push(')');
        }
        ExpressionKind::Dots => out.push_str("..."),
    }
}

pub(super) fn unary_text(operator: UnaryOperator) -> &'static str {
    match operator {
        UnaryOperator::Not => "!",
        UnaryOperator::Complement => "~",
        UnaryOperator::Minus => "-",
        UnaryOperator::Plus => "+",
    }
}

pub(super) fn operator_text(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
        BinaryOperator::Add => "+",
        BinaryOperator::Subtract => "-",
        BinaryOperator::SaturatingAdd => "|+|",
        BinaryOperator::SaturatingSubtract => "|-|",
        BinaryOperator::ShiftLeft => "<<",
        BinaryOperator::ShiftRight => ">>",
        BinaryOperator::LessEqual => "<=",
        BinaryOperator::GreaterEqual => ">=",
        BinaryOperator::Less => "<",
        BinaryOperator::Greater => ">",
        BinaryOperator::NotEqual => "!=",
        BinaryOperator::Equal => "==",
        BinaryOperator::BitAnd => "&",
        BinaryOperator::BitXor => "^",
        BinaryOperator::BitOr => "|",
        BinaryOperator::Concatenate => "++",
        BinaryOperator::And => "&&",
        BinaryOperator::Or => "||",
    }
}
