//! The functions of core.p4 and v1model.

use std::sync::Arc;

use super::arguments::{Bound, fits, prototype_names};
use super::calls::Called;
use super::declarations::EXTERN_FUNCTIONS;
use super::extern_calls::performs;
use super::operands::Value;
use super::problem::CheckProblem;
use super::scopes::unsupported_name;
use super::types::Ty;
use super::{Checker, Part, Region};
use crate::ir::{self, ExternCall, HashAlgorithm};
use crate::source::Span;
use crate::syntax::ast::{self, Argument};

impl<'a> Checker<'a> {
    /// A call of a function of the architecture.
    pub(super) fn call_extern_function(
        &mut self,
        name: &'a ast::Name,
        prototypes: &[&'a ast::Prototype],
        type_arguments: &'a [ast::Type],
        arguments: &'a [Argument],
        span: Span,
    ) -> Option<Called> {
        if !EXTERN_FUNCTIONS.contains(&&*name.text) {
            let fallback = || format!("`{name}`");
            let what = unsupported_name(&name.text).map_or_else(fallback, String::from);
            return self.unsupported(span, what);
        }
        let fitting =
            |prototype: &&&'a ast::Prototype| fits(&prototype_names(prototype), arguments);
        let prototype = match (prototypes, prototypes.iter().find(fitting)) {
            (_, Some(prototype)) | ([prototype], None) => prototype,
            _ => {
                let name = name.text.to_string();
                return self.refuse(span, CheckProblem::NoOverload { name });
            }
        };
        let (bound, _) = self.extern_arguments(prototype, &[], type_arguments, arguments, span)?;
        self.place_of_call(&name.text, span)?;
        self.lower_extern_function(&name.text, bound, span)
    }

    /// Refuses what v1model has only in certain controls.
    fn place_of_call(&mut self, name: &str, span: Span) -> Option<()> {
        let (allowed, what, wanted) = match name {
            "static_assert" => return Some(()),
            "verify" => {
                (self.context.region == Region::State, "`verify`", "in the states of a parser")
            }
            "verify_checksum" | "verify_checksum_with_payload" => (
                matches!(self.context.part, None | Some(Part::VerifyChecksum)),
                "verifying a checksum",
                "in the control that V1Switch has for it",
            ),
            "update_checksum" | "update_checksum_with_payload" => (
                matches!(self.context.part, None | Some(Part::ComputeChecksum)),
                "updating a checksum",
                "in the control that V1Switch has for it",
            ),
            _ => (
                !matches!(
                    self.context.region,
                    Region::Outermost | Region::ParserLocals | Region::ControlLocals
                ),
                "this call",
                "in statements",
            ),
        };
        if allowed {
            return Some(());
        }
        self.refuse(span, CheckProblem::Misplaced { what, wanted })
    }

    fn lower_extern_function(
        &mut self,
        name: &str,
        bound: Vec<Bound>,
        span: Span,
    ) -> Option<Called> {
        let mut bound = bound.into_iter();
        let first = bound.next();
        let second = bound.next();
        match (name, first, second) {
            ("static_assert", Some(Bound::Value(check)), message) => {
                let message = match message {
                    Some(Bound::Text(text)) => text.to_string(),
                    _ => String::new(),
                };
                if check.constant() != Some(1) {
                    return self.refuse(span, CheckProblem::StaticAssertion { message });
                }
                self.truth(true, span).map(Called::Value)
            }
            ("verify", Some(Bound::Value(check)), Some(Bound::Value(error))) => {
                performs(ExternCall::Verify(check.expression, error.expression))
            }
            ("mark_to_drop", Some(Bound::Place(metadata)), None) => {
                performs(ExternCall::MarkToDrop(metadata.place))
            }
            ("mark_to_drop", None, None) => {
                self.unsupported(span, "`mark_to_drop` without `standard_metadata`")
            }
            ("assert", Some(Bound::Value(check)), None) => {
                performs(ExternCall::Assert(check.expression))
            }
            ("assume", Some(Bound::Value(check)), None) => {
                performs(ExternCall::Assume(check.expression))
            }
            ("log_msg", Some(Bound::Text(text)), data) => self.log_message(text, data, span),
            ("hash", Some(Bound::Place(result)), Some(Bound::Value(algorithm))) => {
                let algorithm = self.algorithm(&algorithm, span)?;
                if !matches!(result.ty, Ty::Bit(_)) {
                    let found = self.types.show(&result.ty);
                    let (what, wanted) = ("the result of `hash`", "`bit`");
                    return self.refuse(span, CheckProblem::Unfit { what, wanted, found });
                }
                let (Some(Bound::Value(base)), Some(Bound::Value(data)), Some(Bound::Value(max))) =
                    (bound.next(), bound.next(), bound.next())
                else {
                    return self.unsupported(span, "`hash` in this form");
                };
                self.hashed(&data.ty, span)?;
                for value in [&base, &max] {
                    if !matches!(value.ty, Ty::Bit(_)) {
                        let found = self.types.show(&value.ty);
                        let (what, wanted) = ("the base and max of `hash`", "`bit`");
                        let problem = CheckProblem::Unfit { what, wanted, found };
                        return self.refuse(span, problem);
                    }
                }
                performs(ExternCall::Hash {
                    result: result.place,
                    algorithm,
                    base: base.expression,
                    data: data.expression,
                    max: max.expression,
                })
            }
            (_, Some(Bound::Value(condition)), Some(Bound::Value(data))) => {
                self.checksum(name, condition, data, bound.next(), bound.next(), span)
            }
            _ => self.unsupported(span, format!("`{name}` in this form")),
        }
    }

    fn log_message(&mut self, text: Arc<str>, data: Option<Bound>, span: Span) -> Option<Called> {
        let values = match data {
            None => Vec::new(),
            Some(Bound::Value(value)) => match (value.ty, value.expression) {
                (
                    Ty::Tuple(_),
                    ir::Expression { kind: ir::ExpressionKind::Aggregate(values), .. },
                ) => values,
                (_, expression) => vec![expression],
            },
            Some(_) => return self.unsupported(span, "`log_msg` in this form"),
        };
        let wanted = text.matches("{}").count();
        if wanted != values.len() {
            let given = values.len();
            return self.refuse(span, CheckProblem::LogValues { wanted, given });
        }
        performs(ExternCall::LogMessage(text, values))
    }

    fn checksum(
        &mut self,
        name: &str,
        condition: Value,
        data: Value,
        checksum: Option<Bound>,
        algorithm: Option<Bound>,
        span: Span,
    ) -> Option<Called> {
        let Some(Bound::Value(algorithm)) = algorithm else {
            return self.unsupported(span, format!("`{name}` in this form"));
        };
        let algorithm = self.algorithm(&algorithm, span)?;
        self.hashed(&data.ty, span)?;
        let (place, ty) = match checksum {
            Some(Bound::Place(found)) => (found.place, found.ty),
            Some(Bound::Value(Value {
                ty,
                expression: ir::Expression { kind: ir::ExpressionKind::Read(place), .. },
            })) => (place, ty),
            Some(Bound::Value(value)) => {
                // A value that stands nowhere gets a place of its own.
                let id = self.variable(Arc::from("checksum"), &value.ty, span)?;
                let place = ir::Place::Variable(id);
                let kind = ir::StatementKind::Assign(place.clone(), value.expression);
                self.before.push(ir::Statement { kind, span });
                (place, value.ty)
            }
            _ => return self.unsupported(span, format!("`{name}` in this form")),
        };
        if !matches!(ty, Ty::Bit(_)) {
            let (what, wanted) = ("a checksum", "`bit`");
            let found = self.types.show(&ty);
            return self.refuse(span, CheckProblem::Unfit { what, wanted, found });
        }
        let checksum = ir::Checksum {
            condition: condition.expression,
            data: data.expression,
            checksum: place,
            algorithm,
            with_payload: name.ends_with("_with_payload"),
        };
        performs(if name.starts_with("verify") {
            ExternCall::VerifyChecksum(checksum)
        } else {
            ExternCall::UpdateChecksum(checksum)
        })
    }

    /// Refuses data that has no sequence of bits.
    fn hashed(&mut self, ty: &Ty, span: Span) -> Option<()> {
        if self.types.widths(ty).is_some() {
            return Some(());
        }
        let (what, wanted) = ("the data of a hash or checksum", "made of bits");
        let found = self.types.show(ty);
        self.refuse(span, CheckProblem::Unfit { what, wanted, found })
    }

    fn algorithm(&mut self, value: &Value, span: Span) -> Option<HashAlgorithm> {
        let constant = value.constant();
        let Some(held) = constant else {
            return self
                .refuse(span, CheckProblem::NotConstant { what: "the algorithm of a hash" });
        };
        let Ty::Enum(id) = value.ty else { return None };
        let info = self.types.enums.get(id.index())?;
        let (member, _) = info.members.iter().find(|(_, member)| *member == held)?;
        let member = member.clone();
        Some(match &*member {
            "crc32" => HashAlgorithm::Crc32,
            "crc16" => HashAlgorithm::Crc16,
            "identity" => HashAlgorithm::Identity,
            "csum16" => HashAlgorithm::Csum16,
            "xor16" => HashAlgorithm::Xor16,
            other => return self.unsupported(span, format!("`HashAlgorithm.{other}`")),
        })
    }
}
