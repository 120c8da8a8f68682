//! What a dot and brackets come to: fields, members of enumerations, elements.

use super::Checker;
use super::operands::{Operand, Value};
use super::places::Found;
use super::problem::CheckProblem;
use super::scopes::Symbol;
use super::similar::similar;
use super::types::Ty;
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionKind};

impl<'a> Checker<'a> {
    /// `base.name`
    pub(super) fn member(
        &mut self,
        whole: &'a ast::Expression,
        base: &'a ast::Expression,
        name: &'a ast::Name,
    ) -> Option<Operand> {
        if let ExpressionKind::Path(path) = &base.kind
            && let Some(named) = self.scopes.find(path)
        {
            match &named.symbol {
                Symbol::Type(ty) => {
                    let ty = ty.clone();
                    return self.enum_member(&ty, name, whole.span);
                }
                Symbol::Variable(_) => return self.member_of_place(whole, base, name),
                _ => {}
            }
        }
        if let Some(table) = self.applied_table(base) {
            return self.apply_result(table?, name, whole.span);
        }
        if is_place_like(base) && self.has_variable_root(base) {
            return self.member_of_place(whole, base, name);
        }
        let operand = self.expression(base)?;
        self.member_of_value(operand, name, whole.span)
    }

    fn member_of_place(
        &mut self,
        whole: &'a ast::Expression,
        base: &'a ast::Expression,
        name: &'a ast::Name,
    ) -> Option<Operand> {
        let found = self.place(base)?;
        if let Ty::Stack(_, size) = found.ty {
            match &*name.text {
                "size" => return self.scalar(Ty::Bit(32), u128::from(size), whole.span),
                "lastIndex" => {
                    self.only_in_states("`lastIndex`", name.span)?;
                    let kind = ir::ExpressionKind::LastIndex(found.place);
                    return self.operand(Ty::Bit(32), kind, whole.span);
                }
                _ => {}
            }
        }
        let Found { place, ty, .. } = self.place_member(found, name)?;
        self.operand(ty, ir::ExpressionKind::Read(place), whole.span)
    }

    fn member_of_value(
        &mut self,
        operand: Operand,
        name: &'a ast::Name,
        span: Span,
    ) -> Option<Operand> {
        let value = self.own_value(operand)?;
        let Some(field) = self.types.field(&value.ty, &name.text) else {
            return self.no_field(&value.ty, &name.text, name.span);
        };
        self.field_of_value(value, field.place, field.ty, span)
    }

    fn field_of_value(&mut self, value: Value, place: u32, ty: Ty, span: Span) -> Option<Operand> {
        match value.expression.kind {
            // What the other elements do must be done as well.
            ir::ExpressionKind::Aggregate(mut elements) if elements.iter().all(is_idle) => {
                let index = place as usize;
                if index >= elements.len() {
                    return None;
                }
                let expression = elements.swap_remove(index);
                Some(Operand::Value(Value { ty, expression }).at(span))
            }
            ir::ExpressionKind::InvalidHeader => {
                let expression = self.zero(&ty, span)?;
                Some(Operand::Value(Value { ty, expression }))
            }
            ir::ExpressionKind::Read(inner) => {
                let kind = ir::ExpressionKind::Read(ir::Place::Field(Box::new(inner), place));
                self.operand(ty, kind, span)
            }
            _ => {
                let inner = Box::new(value.expression);
                self.operand(ty, ir::ExpressionKind::Field(inner, place), span)
            }
        }
    }

    /// Says that a type does not have a field.
    pub(super) fn no_field<T>(&mut self, ty: &Ty, field: &str, span: Span) -> Option<T> {
        let declared = match ty {
            Ty::Header(id) | Ty::Struct(id) => self.types.composites.get(id.index()),
            _ => None,
        };
        let names = declared.iter().flat_map(|info| info.fields.iter().map(|(name, _)| &**name));
        let similar = similar(field, names);
        let related = declared.map(|info| (info.span, "declared here")).into_iter().collect();
        let (ty, field) = (self.types.show(ty), String::from(field));
        self.report_with(span, CheckProblem::NoField { ty, field, similar }, related);
        None
    }

    /// `base[index]`
    pub(super) fn index(
        &mut self,
        whole: &'a ast::Expression,
        base: &'a ast::Expression,
        index: &'a ast::Expression,
    ) -> Option<Operand> {
        if is_place_like(base) && self.has_variable_root(base) {
            let Found { place, ty, .. } = self.place(whole)?;
            return self.operand(ty, ir::ExpressionKind::Read(place), whole.span);
        }
        let operand = self.expression(base)?;
        let value = self.own_value(operand)?;
        let Ty::Tuple(types) = value.ty.clone() else {
            let ty = self.types.show(&value.ty);
            return self.refuse(base.span, CheckProblem::NotIndexed { ty });
        };
        let (place, ty) = self.tuple_index(&types, index)?;
        self.field_of_value(value, place, ty, whole.span)
    }

    /// The element of a tuple that an index is for.
    pub(super) fn tuple_index(
        &mut self,
        types: &[Ty],
        index: &'a ast::Expression,
    ) -> Option<(u32, Ty)> {
        let operand = self.expression(index)?;
        let greatest = (types.len() as u64).saturating_sub(1);
        let place = self.number_within(operand, "the index of a tuple", 0, greatest)?;
        let ty = types.get(usize::try_from(place).ok()?)?.clone();
        Some((u32::try_from(place).ok()?, ty))
    }

    fn enum_member(&mut self, ty: &Ty, name: &'a ast::Name, span: Span) -> Option<Operand> {
        let Ty::Enum(id) = ty else {
            let (name, is) = (self.types.show(ty), "a type");
            return self.refuse(span, CheckProblem::NotA { name, wanted: "a value", is });
        };
        let info = self.types.enums.get(id.index())?;
        let found = info.members.iter().find(|(member, _)| *member == name.text);
        match found {
            Some((_, value)) => {
                let value = *value;
                self.scalar(ty.clone(), value, span)
            }
            None => {
                let declared = info.span;
                let (ty, member) = (self.types.show(ty), name.text.to_string());
                let similar = similar(&member, info.members.iter().map(|(name, _)| &**name));
                let problem = CheckProblem::NoMember { ty, member, similar };
                self.report_with(name.span, problem, vec![(declared, "declared here")]);
                None
            }
        }
    }

    /// `error.name`
    pub(super) fn type_member(
        &mut self,
        ty: &'a ast::Type,
        name: &'a ast::Name,
        span: Span,
    ) -> Option<Operand> {
        match self.ty(ty)? {
            Ty::Error => match self.errors.get(&name.text).copied() {
                Some(value) => self.scalar(Ty::Error, value, span),
                None => {
                    let (ty, member) = (String::from("error"), name.text.to_string());
                    let similar = similar(&member, self.errors.keys().map(|name| &**name));
                    self.refuse(name.span, CheckProblem::NoMember { ty, member, similar })
                }
            },
            other => self.enum_member(&other, name, span),
        }
    }

    /// Whether the first name of a path of members is a variable.
    pub(super) fn has_variable_root(&self, expression: &ast::Expression) -> bool {
        let mut expression = expression;
        loop {
            match &expression.kind {
                ExpressionKind::Path(path) => {
                    let named = self.scopes.find(path);
                    return named.is_some_and(|named| matches!(named.symbol, Symbol::Variable(_)));
                }
                ExpressionKind::Member(base, _)
                | ExpressionKind::Index(base, _)
                | ExpressionKind::Slice(base, _, _) => expression = base,
                _ => return false,
            }
        }
    }
}

/// Whether it is plain that evaluating the expression does nothing.
fn is_idle(expression: &ir::Expression) -> bool {
    match &expression.kind {
        ir::ExpressionKind::Constant(_) | ir::ExpressionKind::InvalidHeader => true,
        ir::ExpressionKind::Read(place) => is_idle_place(place),
        ir::ExpressionKind::Aggregate(elements) => elements.iter().all(is_idle),
        ir::ExpressionKind::Cast(inner)
        | ir::ExpressionKind::Unary(_, inner)
        | ir::ExpressionKind::Slice(inner, _, _)
        | ir::ExpressionKind::Field(inner, _) => is_idle(inner),
        ir::ExpressionKind::Binary(_, left, right) => is_idle(left) && is_idle(right),
        _ => false,
    }
}

fn is_idle_place(place: &ir::Place) -> bool {
    match place {
        ir::Place::Variable(_) => true,
        ir::Place::Field(base, _) | ir::Place::Slice(base, _, _) => is_idle_place(base),
        _ => false,
    }
}

/// Whether the expression has the form of a place.
pub(super) fn is_place_like(expression: &ast::Expression) -> bool {
    matches!(
        expression.kind,
        ExpressionKind::Path(_) | ExpressionKind::Member(..) | ExpressionKind::Index(..)
    )
}
