//! Places: where they are, reading from them and writing to them.

use crate::ir::{Place, Type};

use super::super::code::Op;
use super::super::layout::{Slot, Stretch};
use super::{Compiler, Label};

/// Where a place is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Location {
    /// The slot with the number of the slot that the offset counts from; without one it counts
    /// from the first of all.
    pub(super) address: Option<Slot>,
    pub(super) offset: u32,
    /// How many slots there are.
    pub(super) count: u32,
    /// For bits of a scalar: the lowest, and how many.
    pub(super) bits: Option<(u8, u8)>,
    /// The stack that the place is an element of, if which one is known only later.
    pub(super) stack: Option<u32>,
}

impl<'p> Compiler<'p> {
    /// Finds a place, which evaluates the indices in it.
    pub(super) fn locate(&mut self, place: &'p Place) -> Location {
        if let Some(Stretch { start, count }) = self.storage.stretch(place) {
            return Location { address: None, offset: start, count, bits: None, stack: None };
        }
        match place {
            Place::Variable(_) => {
                Location { address: None, offset: 0, count: 0, bits: None, stack: None }
            }
            Place::Field(inner, field) => {
                let location = self.locate(inner);
                let (offset, ty) =
                    self.storage.sizes.field(&self.storage.sizes.type_of(inner), *field);
                Location { offset: location.offset + offset, count: self.size(&ty), ..location }
            }
            Place::Element(stack, index) => {
                let (stack, count) = self.stack_at(stack);
                let index = self.value(index);
                let to = self.temporary(1);
                self.emit(Op::ElementAddress { to, index, stack });
                self.element(to, count, stack)
            }
            Place::Next(stack) => {
                let (stack, count) = self.stack_at(stack);
                let (to, reject) = (self.temporary(1), self.end);
                self.emit(Op::NextAddress { to, stack, reject });
                self.element(to, count, stack)
            }
            Place::Last(stack) => {
                let (stack, count) = self.stack_at(stack);
                let (to, reject) = (self.temporary(1), self.end);
                self.emit(Op::LastAddress { to, stack, reject });
                self.element(to, count, stack)
            }
            Place::Slice(inner, high, low) => {
                let location = self.locate(inner);
                let outer = location.bits.map_or(0, |(low, _)| low);
                let width = high.saturating_sub(*low) + 1;
                let bits = Some((outer.saturating_add(*low as u8), width as u8));
                Location { bits, ..location }
            }
        }
    }

    fn element(&self, address: Slot, count: u32, stack: u32) -> Location {
        Location { address: Some(address), offset: 0, count, bits: None, stack: Some(stack) }
    }

    /// A stack, and the slots of an element. Stacks are never elements themselves, so that their
    /// places are known.
    pub(super) fn stack_at(&mut self, place: &'p Place) -> (u32, u32) {
        let ty = self.storage.sizes.type_of(place);
        let next = self.storage.stretch(place).map_or(0, |stretch| stretch.start);
        let count = match &ty {
            Type::Stack(id, _) => self.size(&Type::Header(*id)),
            _ => 0,
        };
        (self.stack(next, &ty), count)
    }

    /// The slots where the value of a place stands, or a copy of it does.
    pub(super) fn read(&mut self, location: Location) -> Slot {
        let Location { address, offset, count, bits, stack: _ } = location;
        let at = match address {
            None => offset,
            Some(address) => {
                let to = self.temporary(count);
                self.emit(Op::Load { to, address, offset, count });
                to
            }
        };
        let Some((low, width)) = bits else { return at };
        let to = self.temporary(1);
        self.emit(Op::Slice { low, width, to, from: at });
        to
    }

    /// Copies the value of a place.
    pub(super) fn read_into(&mut self, location: Location, to: Slot) {
        let Location { address, offset, count, bits, stack: _ } = location;
        match (address, bits) {
            (None, None) => self.copy(to, offset, count),
            (Some(address), None) => self.emit(Op::Load { to, address, offset, count }),
            (None, Some((low, width))) => self.emit(Op::Slice { low, width, to, from: offset }),
            (Some(_), Some(_)) => {
                let from = self.read(location);
                self.copy(to, from, 1);
            }
        }
    }

    /// Changes a place.
    pub(super) fn write(&mut self, location: Location, from: Slot) {
        let Location { address, offset, count, bits, stack: _ } = location;
        match (address, bits) {
            (None, None) => self.copy(offset, from, count),
            (Some(address), None) => self.emit(Op::Store { address, offset, from, count }),
            (None, Some((low, width))) => {
                self.emit(Op::SetSlice { low, width, to: offset, from });
            }
            (Some(address), Some((low, width))) => {
                let whole = self.temporary(1);
                self.emit(Op::Load { to: whole, address, offset, count: 1 });
                self.emit(Op::SetSlice { low, width, to: whole, from });
                self.emit(Op::Store { address, offset, from: whole, count: 1 });
            }
        }
    }

    /// The slot that an address is in, for operations that take one.
    pub(super) fn address(&mut self, location: Location) -> (Slot, u32) {
        let address = location.address.unwrap_or_else(|| self.zero());
        (address, location.offset)
    }

    /// The validity of the header that a place is a part of, if it is.
    pub(super) fn validity_around(&mut self, place: &'p Place) -> Option<Slot> {
        let mut around = place;
        loop {
            around = match around {
                Place::Field(inner, _) | Place::Slice(inner, ..) => inner,
                Place::Variable(_) | Place::Element(..) | Place::Next(_) | Place::Last(_) => {
                    return None;
                }
            };
            if matches!(self.storage.sizes.type_of(around), Type::Header(_)) {
                let location = self.locate(around);
                return Some(self.read(Location { count: 1, ..location }));
            }
        }
    }

    /// What a place is called in a trace.
    pub(super) fn name_of(&mut self, place: &Place, location: Location) -> u32 {
        let text = self.text_of(place);
        self.name(text, location.stack)
    }

    /// The text of a place; of an element that is known only later, that of its stack.
    fn text_of(&self, place: &Place) -> String {
        let sizes = &self.storage.sizes;
        match place {
            Place::Variable(variable) => self.program.variables[variable.index()].name.to_string(),
            Place::Field(inner, field) => {
                let name = match sizes.type_of(inner) {
                    Type::Header(id) | Type::Struct(id) => {
                        self.program.composites[id.index()].fields[*field as usize].name.clone()
                    }
                    _ => field.to_string().into(),
                };
                format!("{}.{name}", self.text_of(inner))
            }
            Place::Element(stack, index) => match index.kind {
                crate::ir::ExpressionKind::Constant(index)
                    if self.storage.stretch(place).is_some() =>
                {
                    format!("{}[{index}]", self.text_of(stack))
                }
                _ => self.text_of(stack),
            },
            Place::Next(inner) | Place::Last(inner) | Place::Slice(inner, ..) => {
                self.text_of(inner)
            }
        }
    }

    /// Jumps to the label unless two values of a type are equal.
    pub(super) fn jump_unless_equal(&mut self, ty: &Type, left: Slot, right: Slot, to: Label) {
        match ty {
            Type::Void => {}
            Type::Bool | Type::Bit(_) | Type::Int(_) | Type::Error | Type::Enum(_) => {
                self.emit(Op::JumpUnlessEqual { left, right, to });
            }
            Type::Varbit(_) => {
                let count = self.size(ty);
                self.emit(Op::JumpUnlessSame { left, right, count, to });
            }
            Type::Header(_) => {
                let both_invalid = self.label();
                let count = self.size(ty) - 1;
                self.emit(Op::JumpUnlessEqual { left, right, to });
                self.emit(Op::JumpUnless { condition: left, to: both_invalid });
                let (left, right) = (left + 1, right + 1);
                self.emit(Op::JumpUnlessSame { left, right, count, to });
                self.here(both_invalid);
            }
            Type::Struct(id) => {
                let program = self.program;
                for (place, field) in program.composites[id.index()].fields.iter().enumerate() {
                    let (offset, _) = self.storage.sizes.field(ty, place as u32);
                    self.jump_unless_equal(&field.ty, left + offset, right + offset, to);
                }
            }
            Type::Tuple(types) => {
                let mut offset = 0;
                for ty in types.iter() {
                    self.jump_unless_equal(ty, left + offset, right + offset, to);
                    offset += self.size(ty);
                }
            }
            Type::Stack(id, count) => {
                let element = Type::Header(*id);
                let stride = self.size(&element);
                for index in 0..*count {
                    let offset = 1 + index * stride;
                    self.jump_unless_equal(&element, left + offset, right + offset, to);
                }
            }
        }
    }
}
