//! Places: what can be assigned to.

use super::Checker;
use super::Region;
use super::problem::CheckProblem;
use super::scopes::Symbol;
use super::types::Ty;
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionKind};

/// A place that was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) place: ir::Place,
    pub(super) ty: Ty,
    /// Why it cannot be changed, if it cannot, and where what is to blame is declared.
    pub(super) read_only: Option<(&'static str, Span)>,
    pub(super) span: Span,
}

impl<'a> Checker<'a> {
    /// The place that an expression is.
    pub(super) fn place(&mut self, expression: &'a ast::Expression) -> Option<Found> {
        self.nested(expression.span, |checker| checker.place_within(expression))
    }

    fn place_within(&mut self, expression: &'a ast::Expression) -> Option<Found> {
        let span = expression.span;
        self.charge(1, span)?;
        match &expression.kind {
            ExpressionKind::Path(path) => {
                let named = self.find(path)?;
                match named.symbol {
                    Symbol::Variable(variable) => Some(Found {
                        place: ir::Place::Variable(variable.id),
                        ty: variable.ty,
                        read_only: variable.read_only.map(|why| (why, named.span)),
                        span,
                    }),
                    other => {
                        let what = other.what();
                        let problem = CheckProblem::NotAssignable { what };
                        self.report_with(span, problem, vec![(named.span, "declared here")]);
                        None
                    }
                }
            }
            ExpressionKind::Member(base, name) => {
                let base = self.place(base)?;
                self.place_member(base, name).map(|found| Found { span, ..found })
            }
            ExpressionKind::Index(base, index) => {
                let base = self.place(base)?;
                self.place_index(base, index).map(|found| Found { span, ..found })
            }
            ExpressionKind::Slice(base, high, low) => {
                let base = self.place(base)?;
                let (high, low) = self.slice_bounds(&base.ty, high, low, span)?;
                let place = ir::Place::Slice(Box::new(base.place), high, low);
                Some(Found { place, ty: Ty::Bit(high - low + 1), span, ..base })
            }
            _ => self.refuse(span, CheckProblem::NotAssignable { what: "a value" }),
        }
    }

    /// A field of a place, or the next or last element of a stack.
    pub(super) fn place_member(&mut self, base: Found, name: &'a ast::Name) -> Option<Found> {
        let Found { place, ty, .. } = base;
        if let Ty::Stack(id, _) = ty {
            let inner = Box::new(place);
            let mut read_only = base.read_only;
            let place = match &*name.text {
                "next" => {
                    self.only_in_states("`next`", name.span)?;
                    ir::Place::Next(inner)
                }
                "last" => {
                    self.only_in_states("`last`", name.span)?;
                    read_only = Some(("`last` of a header stack", name.span));
                    ir::Place::Last(inner)
                }
                "size" | "lastIndex" => {
                    let what = "a property of a header stack";
                    return self.refuse(name.span, CheckProblem::NotAssignable { what });
                }
                _ => {
                    return self.no_field(&ty, &name.text, name.span);
                }
            };
            return Some(Found { place, ty: Ty::Header(id), read_only, ..base });
        }
        let Some(field) = self.types.field(&ty, &name.text) else {
            return self.no_field(&ty, &name.text, name.span);
        };
        let place = ir::Place::Field(Box::new(place), field.place);
        Some(Found { place, ty: field.ty, ..base })
    }

    fn place_index(&mut self, base: Found, index: &'a ast::Expression) -> Option<Found> {
        match base.ty.clone() {
            Ty::Tuple(types) => {
                let (field, ty) = self.tuple_index(&types, index)?;
                let place = ir::Place::Field(Box::new(base.place), field);
                let read_only = Some(("an element of a tuple", base.span));
                Some(Found { place, ty, read_only, ..base })
            }
            Ty::Stack(id, size) => {
                let index = self.stack_index(index, size)?;
                let place = ir::Place::Element(Box::new(base.place), Box::new(index));
                Some(Found { place, ty: Ty::Header(id), ..base })
            }
            other => {
                let ty = self.types.show(&other);
                self.refuse(base.span, CheckProblem::NotIndexed { ty })
            }
        }
    }

    fn stack_index(&mut self, index: &'a ast::Expression, size: u32) -> Option<ir::Expression> {
        let operand = self.expression(index)?;
        if operand.is_constant() {
            let span = operand.span();
            let greatest = u64::from(size) - 1;
            let what = "the index of a header stack";
            let value = self.number_within(operand, what, 0, greatest)?;
            let kind = ir::ExpressionKind::Constant(u128::from(value));
            return self.value(Ty::Bit(32), kind, span).map(|value| value.expression);
        }
        let value = self.own_value(operand)?;
        let value = self.underlying_value(value)?;
        if let Ty::Bit(_) = value.ty {
            return Some(value.expression);
        }
        let found = self.types.show(&value.ty);
        let (what, wanted) = ("the index of a header stack", "`bit` of any width");
        self.refuse(index.span, CheckProblem::Unfit { what, wanted, found })
    }

    /// A place that is written to.
    pub(super) fn writable(&mut self, expression: &'a ast::Expression) -> Option<Found> {
        let found = self.place(expression)?;
        if let Some((why, declared)) = found.read_only {
            let problem = CheckProblem::ReadOnly { what: why };
            let is_within = declared.file == expression.span.file
                && (expression.span.start..expression.span.end).contains(&declared.start);
            let related = if is_within { Vec::new() } else { vec![(declared, "declared here")] };
            self.report_with(expression.span, problem, related);
            return None;
        }
        if let ExpressionKind::Member(base, name) = &expression.kind
            && &*name.text == "mcast_grp"
            && self.is_standard_metadata(base)
        {
            return self.unsupported(expression.span, "multicast (writing `mcast_grp`)");
        }
        Some(found)
    }

    fn is_standard_metadata(&mut self, base: &'a ast::Expression) -> bool {
        let found = self.place(base);
        let Some(Found { ty: Ty::Struct(id), .. }) = found else { return false };
        &*self.types.composite_name(id) == "standard_metadata_t"
    }

    /// Refuses what only parser states can do.
    pub(super) fn only_in_states(&mut self, what: &'static str, span: Span) -> Option<()> {
        if self.context.region == Region::State {
            return Some(());
        }
        self.refuse(span, CheckProblem::Misplaced { what, wanted: "in the states of a parser" })
    }
}
