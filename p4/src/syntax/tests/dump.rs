//! Syntax trees as nested lists, to compare them with what is expected.

use crate::syntax::ast::{
    ActionReference, Annotation, AnnotationBody, Argument, BinaryOperator, Block, Declaration,
    DeclarationKind, Direction, Entry, Expression, ExpressionKind, Fields, Parameter, Property,
    PropertyValue, Prototype, State, Statement, StatementKind, Transition, Type, TypeKind,
    UnaryOperator, Width,
};

fn joined<T>(items: &[T], dump: impl Fn(&T) -> String) -> String {
    items.iter().map(|item| format!(" {}", dump(item))).collect()
}

pub(super) fn ty(ty: &Type) -> String {
    let width = |width: &Width| match width {
        Width::Literal(width) => width.to_string(),
        Width::Expression(width) => expression(width),
    };
    match &ty.kind {
        TypeKind::Bool => String::from("bool"),
        TypeKind::Error => String::from("error"),
        TypeKind::MatchKind => String::from("match_kind"),
        TypeKind::String => String::from("string"),
        TypeKind::Int => String::from("int"),
        TypeKind::Void => String::from("void"),
        TypeKind::DontCare => String::from("_"),
        TypeKind::Bits(bits) => format!("bit:{}", width(bits)),
        TypeKind::SignedBits(bits) => format!("int:{}", width(bits)),
        TypeKind::Varbit(bits) => format!("varbit:{}", width(bits)),
        TypeKind::Name(path) => path.to_string(),
        TypeKind::Specialized(path, arguments) => {
            format!("<{path}{}>", joined(arguments, self::ty))
        }
        TypeKind::Stack(element, size) => {
            format!("(stack {} {})", self::ty(element), expression(size))
        }
        TypeKind::Tuple(elements) => format!("(tuple{})", joined(elements, self::ty)),
        TypeKind::List(element) => format!("(list {})", self::ty(element)),
    }
}

pub(super) fn expression(of: &Expression) -> String {
    match &of.kind {
        ExpressionKind::Bool(value) => value.to_string(),
        ExpressionKind::Integer(literal) => match literal.width {
            None => literal.value.to_string(),
            Some((width, is_signed)) => {
                format!("{width}{}{}", if is_signed { 's' } else { 'w' }, literal.value)
            }
        },
        ExpressionKind::String(text) => format!("{text:?}"),
        ExpressionKind::Path(path) => path.to_string(),
        ExpressionKind::This => String::from("this"),
        ExpressionKind::Member(of, name) => format!("(. {} {name})", expression(of)),
        ExpressionKind::TypeMember(of, name) => format!("(type. {} {name})", ty(of)),
        ExpressionKind::Index(of, index) => {
            format!("([] {} {})", expression(of), expression(index))
        }
        ExpressionKind::Slice(of, high, low) => {
            format!("([:] {} {} {})", expression(of), expression(high), expression(low))
        }
        ExpressionKind::Call { function, type_arguments, arguments } => {
            let types = match type_arguments.as_slice() {
                [] => String::new(),
                types => format!(" <{}>", joined(types, ty).trim_start()),
            };
            format!("(call {}{types}{})", expression(function), joined(arguments, argument))
        }
        ExpressionKind::Construct { ty: of, arguments } => {
            format!("(new {}{})", ty(of), joined(arguments, argument))
        }
        ExpressionKind::Unary(operator, operand) => {
            let operator = match operator {
                UnaryOperator::Not => '!',
                UnaryOperator::Complement => '~',
                UnaryOperator::Minus => '-',
                UnaryOperator::Plus => '+',
            };
            format!("({operator} {})", expression(operand))
        }
        ExpressionKind::Binary(operator, left, right) => {
            format!("({} {} {})", binary(*operator), expression(left), expression(right))
        }
        ExpressionKind::Cast(to, operand) => format!("(cast {} {})", ty(to), expression(operand)),
        ExpressionKind::Conditional(condition, then, otherwise) => {
            format!("(? {} {} {})", expression(condition), expression(then), expression(otherwise))
        }
        ExpressionKind::List { elements, rest } => {
            format!("{{{}{}}}", joined(elements, expression).trim_start(), dots(*rest))
        }
        ExpressionKind::Record { fields, rest } => {
            let fields = joined(fields, |(name, value)| format!("{name}={}", expression(value)));
            format!("{{{}{}}}", fields.trim_start(), dots(*rest))
        }
        ExpressionKind::Invalid => String::from("{#}"),
        ExpressionKind::DontCare => String::from("_"),
        ExpressionKind::Mask(value, mask) => {
            format!("(&&& {} {})", expression(value), expression(mask))
        }
        ExpressionKind::Range(low, high) => {
            format!("(.. {} {})", expression(low), expression(high))
        }
        ExpressionKind::Tuple(sets) => format!("(sets{})", joined(sets, expression)),
        ExpressionKind::Dots => String::from("..."),
    }
}

fn dots(rest: bool) -> &'static str {
    if rest { " ..." } else { "" }
}

fn binary(operator: BinaryOperator) -> &'static str {
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

fn argument(argument: &Argument) -> String {
    let name = argument.name.as_ref().map(|name| format!("{name}=")).unwrap_or_default();
    let value = argument.value.as_ref().map_or_else(|| String::from("_"), expression);
    format!("{name}{value}")
}

pub(super) fn statement(of: &Statement) -> String {
    match &of.kind {
        StatementKind::Empty => String::from("(empty)"),
        StatementKind::Assign { place, value } => {
            format!("(= {} {})", expression(place), expression(value))
        }
        StatementKind::Call(call) => expression(call),
        StatementKind::If { condition, then, otherwise } => {
            let otherwise =
                otherwise.as_ref().map(|otherwise| format!(" {}", statement(otherwise)));
            format!(
                "(if {} {}{})",
                expression(condition),
                statement(then),
                otherwise.unwrap_or_default()
            )
        }
        StatementKind::Switch { subject, cases } => {
            let cases = joined(cases, |case| {
                let label = case.label.as_ref().map_or_else(|| String::from("default"), expression);
                let body = case.body.as_ref().map(|body| format!(" {}", block(body)));
                format!("({label}{})", body.unwrap_or_default())
            });
            format!("(switch {}{cases})", expression(subject))
        }
        StatementKind::Block(body) => block(body),
        StatementKind::Exit => String::from("(exit)"),
        StatementKind::Return(None) => String::from("(return)"),
        StatementKind::Return(Some(value)) => format!("(return {})", expression(value)),
        StatementKind::Declaration(inner) => declaration(inner),
        StatementKind::Unsupported(what) => format!("(unsupported {what})"),
    }
}

pub(super) fn block(block: &Block) -> String {
    let annotations: String = block.annotations.iter().map(annotation).collect();
    format!("{annotations}[{}]", joined(&block.statements, statement).trim_start())
}

fn annotation(annotation: &Annotation) -> String {
    let body = match &annotation.body {
        AnnotationBody::Empty => String::new(),
        AnnotationBody::Expressions(expressions) => {
            format!("({})", joined(expressions, expression).trim_start())
        }
        AnnotationBody::KeyValues(pairs) => {
            let pairs = joined(pairs, |(name, value)| format!("{name}={}", expression(value)));
            format!("[{}]", pairs.trim_start())
        }
        AnnotationBody::Tokens(text) => format!("`{text}`"),
    };
    format!("@{}{body} ", annotation.name)
}

fn annotations(annotations: &[Annotation]) -> String {
    annotations.iter().map(annotation).collect()
}

pub(super) fn declaration(of: &Declaration) -> String {
    let kind = match &of.kind {
        DeclarationKind::Constant(inner) => {
            format!("(const {} {} {})", ty(&inner.ty), inner.name, expression(&inner.value))
        }
        DeclarationKind::Variable(inner) => {
            let initial = inner.initial.as_ref().map(|initial| format!(" {}", expression(initial)));
            format!("(var {} {}{})", ty(&inner.ty), inner.name, initial.unwrap_or_default())
        }
        DeclarationKind::Instance(inner) => {
            let with = if inner.has_initializer { " {}" } else { "" };
            let arguments = joined(&inner.arguments, argument);
            format!("(instance {} {}{arguments}{with})", ty(&inner.ty), inner.name)
        }
        DeclarationKind::Header(inner) => fields("header", inner),
        DeclarationKind::HeaderUnion(inner) => fields("header_union", inner),
        DeclarationKind::Struct(inner) => fields("struct", inner),
        DeclarationKind::Enum(inner) => {
            let underlying = inner.underlying.as_ref().map(|of| format!(" {}", ty(of)));
            let members = joined(&inner.members, |(name, value)| {
                let value = value.as_ref().map(|value| format!("={}", expression(value)));
                format!("{name}{}", value.unwrap_or_default())
            });
            format!("(enum{} {}{members})", underlying.unwrap_or_default(), inner.name)
        }
        DeclarationKind::Error(names) => format!("(error{})", joined(names, ToString::to_string)),
        DeclarationKind::MatchKind(names) => {
            format!("(match_kind{})", joined(names, ToString::to_string))
        }
        DeclarationKind::Typedef(inner) => format!("(typedef {} {})", ty(&inner.ty), inner.name),
        DeclarationKind::NewType(inner) => format!("(type {} {})", ty(&inner.ty), inner.name),
        DeclarationKind::Extern(inner) => {
            let parameters = joined(&inner.type_parameters, ToString::to_string);
            let methods = joined(&inner.methods, prototype);
            format!("(extern {} <{}>{methods})", inner.name, parameters.trim_start())
        }
        DeclarationKind::ExternFunction(head) => format!("(extern {})", prototype(head)),
        DeclarationKind::ParserType(head) => format!("(parser-type {})", prototype(head)),
        DeclarationKind::ControlType(head) => format!("(control-type {})", prototype(head)),
        DeclarationKind::PackageType(head) => format!("(package-type {})", prototype(head)),
        DeclarationKind::Parser(inner) => format!(
            "(parser {}{}{}{})",
            prototype(&inner.head),
            constructor(&inner.constructor),
            joined(&inner.locals, declaration),
            joined(&inner.states, state)
        ),
        DeclarationKind::Control(inner) => format!(
            "(control {}{}{} {})",
            prototype(&inner.head),
            constructor(&inner.constructor),
            joined(&inner.locals, declaration),
            block(&inner.body)
        ),
        DeclarationKind::Action(inner) => {
            let parameters = joined(&inner.parameters, parameter);
            format!("(action {}({}) {})", inner.name, parameters.trim_start(), block(&inner.body))
        }
        DeclarationKind::Table(inner) => {
            format!("(table {}{})", inner.name, joined(&inner.properties, property))
        }
        DeclarationKind::Function(inner) => {
            format!("(function {} {})", prototype(&inner.head), block(&inner.body))
        }
        DeclarationKind::ValueSet(inner) => {
            format!("(value_set {} {} {})", ty(&inner.ty), expression(&inner.size), inner.name)
        }
    };
    format!("{}{kind}", annotations(&of.annotations))
}

fn fields(keyword: &str, fields: &Fields) -> String {
    let parameters = match fields.type_parameters.as_slice() {
        [] => String::new(),
        names => format!(" <{}>", joined(names, ToString::to_string).trim_start()),
    };
    let inner = joined(&fields.fields, |field| {
        format!("{}({} {})", annotations(&field.annotations), ty(&field.ty), field.name)
    });
    format!("({keyword} {}{parameters}{inner})", fields.name)
}

fn constructor(parameters: &[Parameter]) -> String {
    match parameters {
        [] => String::new(),
        parameters => format!(" new({})", joined(parameters, parameter).trim_start()),
    }
}

fn prototype(head: &Prototype) -> String {
    let result = head.result.as_ref().map(|result| format!("{} ", ty(result))).unwrap_or_default();
    let types = match head.type_parameters.as_slice() {
        [] => String::new(),
        names => format!("<{}>", joined(names, ToString::to_string).trim_start()),
    };
    let parameters = joined(&head.parameters, parameter);
    let with = if head.is_abstract { "abstract " } else { "" };
    let before = annotations(&head.annotations);
    format!("{before}{with}{result}{}{types}({})", head.name, parameters.trim_start())
}

fn parameter(parameter: &Parameter) -> String {
    let direction = match parameter.direction {
        Direction::None => "",
        Direction::In => "in ",
        Direction::Out => "out ",
        Direction::InOut => "inout ",
    };
    let default = parameter.default.as_ref().map(|default| format!("={}", expression(default)));
    format!(
        "{}{direction}{}:{}{}",
        annotations(&parameter.annotations),
        parameter.name,
        ty(&parameter.ty),
        default.unwrap_or_default()
    )
}

fn state(state: &State) -> String {
    let transition = match &state.transition {
        None => String::new(),
        Some(Transition::Direct(name)) => format!(" -> {name}"),
        Some(Transition::Select { keys, cases, .. }) => {
            let cases = joined(cases, |case| {
                format!("({} -> {})", joined(&case.sets, expression).trim_start(), case.state)
            });
            format!(" (select ({}){cases})", joined(keys, expression).trim_start())
        }
    };
    let before = annotations(&state.annotations);
    format!("{before}(state {}{}{transition})", state.name, joined(&state.statements, statement))
}

fn property(property: &Property) -> String {
    let value = match &property.value {
        PropertyValue::Key(elements) => joined(elements, |element| {
            let after = annotations(&element.annotations);
            format!("({}: {} {})", expression(&element.expression), element.match_kind, after)
                .replace(" )", ")")
        }),
        PropertyValue::Actions(actions) => joined(actions, action),
        PropertyValue::Entries(entries) => joined(entries, entry),
        PropertyValue::Expression(value) => format!(" {}", expression(value)),
    };
    let constant = if property.is_const { "const " } else { "" };
    format!("{}({constant}{}{value})", annotations(&property.annotations), property.name)
}

fn action(action: &ActionReference) -> String {
    let before = annotations(&action.annotations);
    match action.arguments.as_slice() {
        [] => format!("{before}{}", action.path),
        arguments => {
            format!("{before}{}({})", action.path, joined(arguments, argument).trim_start())
        }
    }
}

fn entry(entry: &Entry) -> String {
    let constant = if entry.is_const { "const " } else { "" };
    let priority = entry.priority.as_ref().map(|priority| format!("{}: ", expression(priority)));
    format!(
        "{}({constant}{}{} -> {})",
        annotations(&entry.annotations),
        priority.unwrap_or_default(),
        joined(&entry.keys, expression).trim_start(),
        action(&entry.action)
    )
}
