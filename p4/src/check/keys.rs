//! The keys of tables.

use super::operands::Value;
use super::problem::CheckProblem;
use super::similar::similar;
use super::types::Ty;
use super::{Checker, names};
use crate::ir::{self, MatchKind};
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionKind};

/// A key element with the type of its values.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) key: ir::TableKey,
    pub(super) ty: Ty,
}

impl<'a> Checker<'a> {
    /// The key of a table.
    pub(super) fn keys(&mut self, elements: &'a [ast::KeyElement]) -> Option<Vec<Key>> {
        let mut keys: Vec<Key> = Vec::new();
        let mut failed = false;
        for element in elements {
            let Some(key) = self.key(element) else {
                failed = true;
                continue;
            };
            if keys.iter().any(|other| other.key.name == key.key.name) {
                let (what, name) = ("key", key.key.name.to_string());
                let problem = CheckProblem::DuplicateControlName { what, name };
                self.report(element.expression.span, problem);
                failed = true;
            }
            keys.push(key);
        }
        let prefixes = keys.iter().filter(|key| key.key.match_kind == MatchKind::Lpm).count();
        if prefixes > 1 {
            let span = elements.first().map(|element| element.expression.span);
            return span.and_then(|span| self.refuse(span, CheckProblem::SecondLpm));
        }
        if failed { None } else { Some(keys) }
    }

    fn key(&mut self, element: &'a ast::KeyElement) -> Option<Key> {
        let span = element.expression.span;
        let match_kind = self.match_kind(&element.match_kind);
        let operand = self.expression(&element.expression)?;
        let Value { ty, expression } = self.own_value(operand)?;
        let match_kind = match_kind?;
        let width = match self.types.representation(&ty) {
            Ty::Bool | Ty::Bit(_) | Ty::Int(_) | Ty::Enum(_) => self.types.scalar_width(&ty),
            _ => None,
        };
        let Some(width) = width else {
            let (what, found) = ("a key", self.types.show(&ty));
            if let Ty::Error | Ty::Enum(_) = self.types.representation(&ty) {
                return self.unsupported(span, format!("a key of type `{found}`"));
            }
            let wanted = "`bit`, `int`, `bool` or an enumeration with a type";
            return self.refuse(span, CheckProblem::Unfit { what, wanted, found });
        };
        self.match_kind_of_type(match_kind, &ty, span)?;
        let name = match self.name_annotation(&element.annotations) {
            Some(name) => name,
            None if has_plain_name(&element.expression) => names::text(&element.expression).into(),
            None => return self.refuse(span, CheckProblem::KeyWithoutName),
        };
        let annotations = names::shown_annotations(&element.annotations);
        let key = ir::TableKey { name, expression, width, match_kind, annotations };
        Some(Key { key, ty })
    }

    fn match_kind(&mut self, name: &'a ast::Name) -> Option<MatchKind> {
        if !self.match_kinds.contains_key(&name.text) {
            let name_text = name.text.to_string();
            let similar = similar(&name.text, self.match_kinds.keys().map(|name| &**name));
            return self.refuse(name.span, CheckProblem::UnknownName { name: name_text, similar });
        }
        Some(match &*name.text {
            "exact" => MatchKind::Exact,
            "lpm" => MatchKind::Lpm,
            "ternary" => MatchKind::Ternary,
            "range" => MatchKind::Range,
            "optional" => MatchKind::Optional,
            other => return self.unsupported(name.span, format!("the match kind `{other}`")),
        })
    }

    fn match_kind_of_type(&mut self, match_kind: MatchKind, ty: &Ty, span: Span) -> Option<()> {
        let representation = self.types.representation(ty);
        let fits = match match_kind {
            MatchKind::Exact | MatchKind::Optional | MatchKind::Ternary => true,
            MatchKind::Lpm => matches!(representation, Ty::Bit(_) | Ty::Int(_)),
            MatchKind::Range => matches!(representation, Ty::Bit(_)),
        };
        if fits {
            return Some(());
        }
        let what = match match_kind {
            MatchKind::Lpm => "a key matched as lpm",
            _ => "a key matched as range",
        };
        let (wanted, found) = ("`bit`", self.types.show(ty));
        self.refuse(span, CheckProblem::Unfit { what, wanted, found })
    }
}

/// Whether a key is called by its text (specification 18.3.1.1): a path of names, indices and
/// slices, or whether a header is valid.
fn has_plain_name(expression: &ast::Expression) -> bool {
    let mut expression = expression;
    loop {
        match &expression.kind {
            ExpressionKind::Path(_) => return true,
            ExpressionKind::Member(base, _) => expression = base,
            ExpressionKind::Index(base, index)
                if matches!(index.kind, ExpressionKind::Integer(_)) =>
            {
                expression = base;
            }
            ExpressionKind::Slice(base, high, low)
                if matches!(high.kind, ExpressionKind::Integer(_))
                    && matches!(low.kind, ExpressionKind::Integer(_)) =>
            {
                expression = base;
            }
            ExpressionKind::Binary(ast::BinaryOperator::BitAnd, left, right)
                if matches!(right.kind, ExpressionKind::Integer(_)) =>
            {
                expression = left;
            }
            ExpressionKind::Call { function, arguments, .. } if arguments.is_empty() => {
                match &function.kind {
                    ExpressionKind::Member(base, method) if &*method.text == "isValid" => {
                        expression = base;
                    }
                    _ => return false,
                }
            }
            _ => return false,
        }
    }
}
