//! What core.p4 and v1model do.

use super::evaluate::{Done, Flow, Oracle};
use super::values::{Value, emit, fill, internet_checksum, most_varbit, zero};
use crate::ir::*;

impl<'p> Oracle<'p> {
    pub(super) fn extern_call(&mut self, call: &'p ExternCall) -> Done {
        match call {
            ExternCall::Extract(ExtractTo::Place(place)) => self.extract(place, 0)?,
            ExternCall::Extract(ExtractTo::Nothing(id)) => {
                let mut skipped = zero(self.program, &Type::Header(*id));
                let count = fill(self.program, &Type::Header(*id), &mut skipped, &mut |_| false, 0);
                self.advance(count as u128)?;
            }
            ExternCall::ExtractVariable(place, size) => {
                // What the place does comes before what the size does.
                self.path(place)?;
                let size = self.scalar(size)?;
                if size % 8 != 0 {
                    return self.reject("ParserInvalidArgument");
                }
                self.extract(place, size as usize)?;
            }
            ExternCall::Advance(count) => {
                let count = self.scalar(count)?;
                if count % 8 != 0 {
                    return self.reject("ParserInvalidArgument");
                }
                self.advance(count)?;
            }
            ExternCall::Emit(value) => {
                let value_of = self.value(value)?;
                emit(self.program, &value.ty, &value_of, false, &mut self.output);
            }
            ExternCall::SetValid(place) => self.set_validity(place, true)?,
            ExternCall::SetInvalid(place) => self.set_validity(place, false)?,
            ExternCall::PushFront(place, count) => {
                self.shift(place, |next, elements, zeros| {
                    let count = (*count as usize).min(elements.len());
                    elements.rotate_right(count);
                    elements[..count].fill(zeros);
                    *next = (*next + count as u128).min(elements.len() as u128);
                })?;
            }
            ExternCall::PopFront(place, count) => {
                self.shift(place, |next, elements, zeros| {
                    let count = (*count as usize).min(elements.len());
                    elements.rotate_left(count);
                    let kept = elements.len() - count;
                    elements[kept..].fill(zeros);
                    *next = next.saturating_sub(count as u128);
                })?;
            }
            ExternCall::Verify(condition, error) => {
                let (condition, error) = (self.scalar(condition)?, self.scalar(error)?);
                if condition == 0 {
                    return Err(Flow::Reject(error));
                }
            }
            ExternCall::ReadRegister(id, place, index) => {
                let path = self.path(place)?;
                let index = self.scalar(index)?;
                let value = self.externs.read(id.0, index);
                self.write(&path, Value::Scalar(value));
            }
            ExternCall::WriteRegister(id, index, value) => {
                let (index, value) = (self.scalar(index)?, self.scalar(value)?);
                self.externs.write(id.0, index, value);
            }
            ExternCall::MarkToDrop(place) => {
                let path = self.path(place)?;
                let mut metadata = self.read(&path, place);
                self.standard(&mut metadata, "egress_spec", Some(511));
                self.standard(&mut metadata, "mcast_grp", Some(0));
                self.write(&path, metadata);
            }
            ExternCall::UpdateChecksum(checksum) => {
                if self.scalar(&checksum.condition)? != 0 {
                    let mut laid_out = Vec::new();
                    self.data(&checksum.data, &mut laid_out)?;
                    let path = self.path(&checksum.checksum)?;
                    self.write(&path, Value::Scalar(internet_checksum(laid_out)));
                }
            }
            ExternCall::Assert(condition) | ExternCall::Assume(condition) => {
                if self.scalar(condition)? == 0 {
                    self.stopped = true;
                    return Err(Flow::Stop);
                }
            }
            other => unreachable!("the generator makes no {other:?}"),
        }
        Ok(())
    }

    /// Appends the data of a checksum. What is in an invalid header is left out, as BMv2 does; the
    /// specification leaves open what it is.
    fn data(&mut self, data: &'p Expression, to: &mut Vec<bool>) -> Done {
        match &data.kind {
            ExpressionKind::Aggregate(values) if matches!(data.ty, Type::Tuple(_)) => {
                values.iter().try_for_each(|value| self.data(value, to))
            }
            ExpressionKind::Read(place) if self.is_in_invalid_header(place)? => Ok(()),
            _ => {
                let value = self.value(data)?;
                emit(self.program, &data.ty, &value, true, to);
                Ok(())
            }
        }
    }

    fn is_in_invalid_header(&mut self, place: &'p Place) -> Done<bool> {
        let mut around = place;
        while let Place::Field(inner, _) | Place::Slice(inner, ..) = around {
            around = inner;
            if matches!(self.type_of(around), Type::Header(_)) {
                let path = self.path(around)?;
                return Ok(matches!(self.read(&path, around), Value::Header { valid: false, .. }));
            }
        }
        Ok(false)
    }

    pub(super) fn advance(&mut self, count: u128) -> Done {
        if count > (self.packet.len() - self.cursor) as u128 {
            return self.reject("PacketTooShort");
        }
        self.cursor += count as usize;
        Ok(())
    }

    pub(super) fn extract(&mut self, place: &'p Place, varbit: usize) -> Done {
        let path = self.path(place)?;
        let (ty, mut header) = (self.type_of(place), self.read(&path, place));
        let count = fill(self.program, &ty, &mut header.clone(), &mut |_| false, varbit);
        if count > self.packet.len() - self.cursor {
            return self.reject("PacketTooShort");
        }
        let fixed = fill(self.program, &ty, &mut header.clone(), &mut |_| false, 0);
        if varbit > most_varbit(self.program, &ty) {
            return self.reject("HeaderTooShort");
        }
        assert_eq!(count, fixed + varbit);
        let data = self.packet[self.cursor..].to_vec();
        fill(self.program, &ty, &mut header, &mut |place| data[place], varbit);
        self.write(&path, header);
        self.cursor += count;
        if let Place::Next(stack) = place {
            let path = self.path(stack)?;
            if let Some(Value::Stack { next, .. }) = self.at(&path) {
                *next += 1;
            }
        }
        Ok(())
    }

    pub(super) fn set_validity(&mut self, place: &'p Place, to: bool) -> Done {
        let path = self.path(place)?;
        if let Some(Value::Header { valid, .. }) = self.at(&path) {
            *valid = to;
        }
        Ok(())
    }

    pub(super) fn shift(
        &mut self,
        place: &'p Place,
        change: impl FnOnce(&mut u128, &mut [Value], Value),
    ) -> Done {
        let path = self.path(place)?;
        let Type::Stack(id, _) = self.type_of(place) else { unreachable!() };
        let zeros = zero(self.program, &Type::Header(id));
        if let Some(Value::Stack { next, elements }) = self.at(&path) {
            change(next, elements, zeros);
        }
        Ok(())
    }
}
