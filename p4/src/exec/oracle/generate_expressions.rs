//! Random places and expressions.

use super::generate::*;
use crate::ir::*;

impl Generator<'_> {
    /// All places that can be seen, with their types. Elements of stacks are all by one index.
    pub(super) fn places(&mut self, scope: &Scope, writable: bool) -> Vec<(Place, Type)> {
        let mut places = Vec::new();
        let index = scope
            .variables
            .iter()
            .find(|(variable, _)| self.program.variables[variable.index()].ty == Type::Bit(8));
        let index = (index.map(|(variable, _)| *variable), self.choose(20));
        for (variable, may_change) in &scope.variables {
            if *may_change || !writable {
                let ty = self.program.variables[variable.index()].ty.clone();
                self.inside(Place::Variable(*variable), ty, scope, index, &mut places);
            }
        }
        places
    }

    pub(super) fn inside(
        &mut self,
        place: Place,
        ty: Type,
        scope: &Scope,
        index: (Option<VariableId>, usize),
        places: &mut Vec<(Place, Type)>,
    ) {
        match &ty {
            Type::Header(id) | Type::Struct(id) => {
                let fields = self.program.composites[id.index()].fields.clone();
                for (place_of, field) in fields.into_iter().enumerate() {
                    let inner = Place::Field(Box::new(place.clone()), place_of as u32);
                    self.inside(inner, field.ty, scope, index, places);
                }
            }
            Type::Stack(id, _) => {
                let stack = Box::new(place.clone());
                let inner = match (index.1 % 5, index.0) {
                    (1, Some(index)) => {
                        let read = ExpressionKind::Read(Place::Variable(index));
                        Place::Element(stack, Box::new(expression(Type::Bit(8), read)))
                    }
                    (2, _) if scope.kind == Kind::Parser => Place::Next(stack),
                    (3, _) if scope.kind == Kind::Parser => Place::Last(stack),
                    _ => {
                        let index = constant(&Type::Bit(32), (index.1 / 5) as u128);
                        Place::Element(stack, Box::new(index))
                    }
                };
                self.inside(inner, Type::Header(*id), scope, index, places);
            }
            _ => {}
        }
        places.push((place, ty));
    }

    pub(super) fn any_place(&mut self, scope: &Scope) -> (Place, Type) {
        let places = self.places(scope, true);
        let (place, ty) = self.pick(&places);
        match ty {
            Type::Bit(width) | Type::Int(width) if self.chance(20) => {
                let (high, low) = self.bounds(width);
                (Place::Slice(Box::new(place), high, low), Type::Bit(high - low + 1))
            }
            _ => (place, ty),
        }
    }

    pub(super) fn bounds(&mut self, width: u32) -> (u32, u32) {
        let (one, other) = (self.choose(width as usize), self.choose(width as usize));
        (one.max(other) as u32, one.min(other) as u32)
    }

    pub(super) fn place(&mut self, scope: &Scope, ty: &Type, writable: bool) -> Option<Place> {
        let mut places = self.places(scope, writable);
        places.retain(|(_, other)| {
            other == ty || matches!((other, ty), (Type::Bit(a), Type::Bit(b)) if a > b)
        });
        if places.is_empty() {
            return None;
        }
        // Few places of just this type, so that one is often met again.
        if places.iter().any(|(_, other)| other == ty) && self.chance(60) {
            places.retain(|(_, other)| other == ty);
        }
        let (place, found) = self.pick(&places);
        match (found, ty) {
            (Type::Bit(from), Type::Bit(to)) if from > *to => {
                let low = self.choose((from - to) as usize) as u32;
                Some(Place::Slice(Box::new(place), low + to - 1, low))
            }
            _ => Some(place),
        }
    }

    pub(super) fn number(&mut self, ty: &Type) -> u128 {
        let width = super::super::packing::width_of(&self.program, ty).unwrap_or(1);
        let width = if matches!(ty, Type::Error | Type::Enum(EnumId(0))) { 1 } else { width };
        let mask = super::super::operators::mask(width);
        let value = match self.choose(5) {
            0 => 0,
            1 => 1,
            2 => mask,
            3 => mask / 2 + 1,
            _ => {
                let words = (0..4).map(|_| self.choose(usize::MAX) as u128);
                words.fold(0, |value, word| value << 32 | word & 0xffff_ffff)
            }
        };
        value & mask
    }

    pub(super) fn expression(&mut self, scope: &Scope, ty: &Type, depth: usize) -> Expression {
        let kind = self.kind(scope, ty, depth);
        expression(ty.clone(), kind)
    }

    pub(super) fn kind(&mut self, scope: &Scope, ty: &Type, depth: usize) -> ExpressionKind {
        let choice = if depth == 0 { self.choose(2) } else { self.choose(14) };
        if choice > 0
            && choice < 5
            && let Some(place) = self.place(scope, ty, false)
        {
            return ExpressionKind::Read(place);
        }
        if !matches!(ty, Type::Bool | Type::Bit(_) | Type::Int(_) | Type::Error | Type::Enum(_)) {
            return self.aggregate(scope, ty, depth, choice);
        }
        let inner = |generator: &mut Self, ty: Type| {
            Box::new(generator.expression(scope, &ty, depth.saturating_sub(1)))
        };
        match (choice, ty) {
            (5, _) => {
                let condition = inner(self, Type::Bool);
                let (then, otherwise) = (inner(self, ty.clone()), inner(self, ty.clone()));
                ExpressionKind::Conditional(condition, then, otherwise)
            }
            (6, Type::Bit(8) | Type::Bool) => {
                ExpressionKind::Call(Box::new(self.call_function(scope, Some(ty))))
            }
            (7, Type::Bit(32)) => ExpressionKind::PacketLength,
            (7, Type::Bit(_) | Type::Int(_)) if scope.kind == Kind::Parser => {
                ExpressionKind::Lookahead
            }
            (8.., Type::Bool) => self.boolean(scope, depth, choice),
            (8, Type::Bit(width)) if *width > 1 => {
                let right = 1 + self.choose(*width as usize - 1) as u32;
                let (left, right) = (Type::Bit(width - right), Type::Bit(right));
                let (left, right) = (inner(self, left), inner(self, right));
                ExpressionKind::Binary(BinaryOperator::Concatenate, left, right)
            }
            (9, Type::Bit(width)) if *width < 128 => {
                let from = width + 1 + self.choose((128 - width) as usize) as u32;
                let low = self.choose((from - width) as usize) as u32;
                let from = if self.chance(30) { Type::Int(from) } else { Type::Bit(from) };
                ExpressionKind::Slice(inner(self, from), low + width - 1, low)
            }
            (10, Type::Bit(width)) => {
                let other = Type::Bit(1 + self.choose(128) as u32);
                let from = self.pick(&[other, Type::Int(*width)]);
                ExpressionKind::Cast(inner(self, from))
            }
            (10, Type::Int(width)) => {
                let other = Type::Int(1 + self.choose(128) as u32);
                let from = self.pick(&[other, Type::Bit(*width)]);
                ExpressionKind::Cast(inner(self, from))
            }
            (11, Type::Bit(_) | Type::Int(_)) => {
                let operator = self.pick(&[UnaryOperator::Complement, UnaryOperator::Negate]);
                ExpressionKind::Unary(operator, inner(self, ty.clone()))
            }
            (12.., Type::Bit(_) | Type::Int(_)) => {
                use BinaryOperator as B;
                let operators = [B::Add, B::Subtract, B::Multiply, B::SaturatingAdd, B::BitAnd];
                let more =
                    [B::SaturatingSubtract, B::BitOr, B::BitXor, B::ShiftLeft, B::ShiftRight];
                let operator = self.pick(&[operators, more].concat());
                let right = match operator {
                    B::ShiftLeft | B::ShiftRight => self.pick(&[Type::Bit(8), Type::Bit(128)]),
                    _ => ty.clone(),
                };
                let (left, right) = (inner(self, ty.clone()), inner(self, right));
                ExpressionKind::Binary(operator, left, right)
            }
            _ => ExpressionKind::Constant(self.number(ty)),
        }
    }

    pub(super) fn boolean(&mut self, scope: &Scope, depth: usize, choice: usize) -> ExpressionKind {
        use BinaryOperator as B;
        let inner = |generator: &mut Self, ty: &Type| {
            Box::new(generator.expression(scope, ty, depth.saturating_sub(1)))
        };
        match choice {
            8 => ExpressionKind::Unary(UnaryOperator::Not, inner(self, &Type::Bool)),
            9 => {
                let operator = self.pick(&[B::And, B::Or]);
                let (left, right) = (inner(self, &Type::Bool), inner(self, &Type::Bool));
                ExpressionKind::Binary(operator, left, right)
            }
            10 if !scope.tables.is_empty() => {
                ExpressionKind::ApplyTable { table: scope.tables[0], hit: self.chance(50) }
            }
            11 => match self.place(scope, &Type::Header(HEADER_A), false) {
                Some(place) => ExpressionKind::IsValid(place),
                None => ExpressionKind::Constant(0),
            },
            12 => {
                let types = [
                    Type::Header(HEADER_A),
                    Type::Struct(STRUCT),
                    Type::Stack(HEADER_A, 3),
                    Type::Header(HEADER_V),
                ];
                let (ty, operator) = (self.pick(&types), self.pick(&[B::Equal, B::NotEqual]));
                let (left, right) = (inner(self, &ty), inner(self, &ty));
                ExpressionKind::Binary(operator, left, right)
            }
            _ => {
                let operators = [B::Equal, B::NotEqual, B::Less, B::LessEqual, B::Greater];
                let mut operators = operators.to_vec();
                operators.push(B::GreaterEqual);
                let operator = self.pick(&operators);
                let ty = self.pick(&[Type::Bit(8), Type::Int(8), Type::Bit(128), Type::Int(33)]);
                let (left, right) = (inner(self, &ty), inner(self, &ty));
                ExpressionKind::Binary(operator, left, right)
            }
        }
    }

    pub(super) fn aggregate(
        &mut self,
        scope: &Scope,
        ty: &Type,
        depth: usize,
        choice: usize,
    ) -> ExpressionKind {
        let less = depth.saturating_sub(1);
        if choice == 5 {
            let condition = Box::new(self.expression(scope, &Type::Bool, less));
            let then = Box::new(self.expression(scope, ty, less));
            let otherwise = Box::new(self.expression(scope, ty, less));
            return ExpressionKind::Conditional(condition, then, otherwise);
        }
        match ty {
            Type::Header(HEADER_A) | Type::Struct(STRUCT) if choice == 6 => {
                ExpressionKind::Call(Box::new(self.call_function(scope, Some(ty))))
            }
            Type::Header(HEADER_A | HEADER_B) if choice == 7 && scope.kind == Kind::Parser => {
                ExpressionKind::Lookahead
            }
            // There is no expression for a new varbit, and none for a whole stack.
            Type::Varbit(_) | Type::Stack(..) | Type::Header(HEADER_V) => {
                match self.place(scope, ty, false) {
                    Some(place) => ExpressionKind::Read(place),
                    None => ExpressionKind::Call(Box::new(self.call_of_zeros(ty))),
                }
            }
            Type::Header(_) if choice < 8 => ExpressionKind::InvalidHeader,
            Type::Header(id) | Type::Struct(id) => {
                let fields = self.program.composites[id.index()].fields.clone();
                let values = fields.iter().map(|field| self.expression(scope, &field.ty, less));
                ExpressionKind::Aggregate(values.collect())
            }
            _ => ExpressionKind::InvalidHeader,
        }
    }
}
