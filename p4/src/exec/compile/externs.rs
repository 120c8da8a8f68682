//! What core.p4 and v1model do.

use std::sync::Arc;

use crate::ir::{
    Checksum, Expression, ExpressionKind, ExternCall, ExtractTo, HashAlgorithm, Place, Type,
};
use crate::source::Span;

use super::super::code::{DataPart, Digest, Extract, Hash, Log, Op, Site};
use super::super::layout::Slot;
use super::super::packing::Packing;
use super::super::values::ValueKind;
use super::super::walk::has_effects;
use super::Compiler;
use super::places::Location;

impl<'p> Compiler<'p> {
    pub(super) fn extern_call(&mut self, call: &'p ExternCall, span: Span) {
        match call {
            ExternCall::Extract(ExtractTo::Place(place)) => self.extract(place, None),
            ExternCall::Extract(ExtractTo::Nothing(id)) => {
                let packing = self.packing(&Type::Header(*id));
                let bits = self.code.packings[packing as usize].fixed_bits();
                self.emit(Op::Skip { bits, reject: self.end });
            }
            ExternCall::ExtractVariable(place, size) => self.extract(place, Some(size)),
            ExternCall::Advance(bits) => {
                let bits = self.value(bits);
                self.emit(Op::Advance { bits, reject: self.end });
            }
            ExternCall::Emit(value) => self.emit_value(value),
            ExternCall::SetValid(place) => {
                let location = self.locate(place);
                let name = self.name_of(place, location);
                let (address, offset) = self.address(location);
                self.emit(Op::SetValid { address, offset, name });
            }
            ExternCall::SetInvalid(place) => {
                let location = self.locate(place);
                let name = self.name_of(place, location);
                let (address, offset) = self.address(location);
                self.emit(Op::SetInvalid { address, offset, name });
            }
            ExternCall::PushFront(place, count) => {
                let (stack, _) = self.stack_at(place);
                self.emit(Op::Push { stack, count: *count });
            }
            ExternCall::PopFront(place, count) => {
                let (stack, _) = self.stack_at(place);
                self.emit(Op::Pop { stack, count: *count });
            }
            ExternCall::Verify(condition, error) => {
                let slots = self.values(&[condition, error]);
                let [condition, error] = slots[..] else { return };
                self.emit(Op::Verify { condition, error, reject: self.end });
            }
            ExternCall::Count(counter, index) => {
                let index = self.value(index);
                self.emit(Op::Count { counter: counter.0, index });
            }
            ExternCall::CountDirect(_) => {}
            ExternCall::ReadRegister(register, place, index) => {
                let location = self.locate(place);
                let (index, to) = (self.value(index), self.temporary(1));
                self.emit(Op::ReadRegister { register: register.0, to, index });
                self.write(location, to);
            }
            ExternCall::WriteRegister(register, index, value) => {
                let slots = self.values(&[index, value]);
                let [index, value] = slots[..] else { return };
                self.emit(Op::WriteRegister { register: register.0, index, value });
            }
            ExternCall::Hash { result, algorithm, base, data, max } => {
                self.hash(result, *algorithm, base, data, max);
            }
            ExternCall::VerifyChecksum(checksum) => self.verify_checksum(checksum),
            ExternCall::UpdateChecksum(checksum) => self.update_checksum(checksum),
            ExternCall::MarkToDrop(place) => self.mark_to_drop(place, span),
            ExternCall::LogMessage(text, values) => self.log(text, values),
            ExternCall::Assert(condition) | ExternCall::Assume(condition) => {
                let condition = self.value(condition);
                let site = self.site(span);
                self.emit(Op::Assert { condition, site });
            }
        }
    }

    fn extract(&mut self, place: &'p Place, size: Option<&'p Expression>) {
        let location = self.locate(place);
        let varbit_size = size.map(|size| self.value(size));
        let name = self.name_of(place, location);
        let packing = self.packing(&self.storage.sizes.type_of(place));
        let next_of = location.stack.filter(|_| matches!(place, Place::Next(_)));
        let (address, offset) = self.address(location);
        let reject = self.end;
        let extract = self.code.extracts.len() as u32;
        self.code.extracts.push(Extract {
            packing,
            address,
            offset,
            varbit_size,
            next_of,
            reject,
            name,
        });
        self.emit(Op::Extract(extract));
    }

    pub(super) fn lookahead(&mut self, ty: &Type, to: Slot) {
        let lookahead = self.code.lookaheads.len() as u32;
        let packing = Packing::new(self.program(), &self.storage.sizes, ty);
        self.code.lookaheads.push(packing);
        self.emit(Op::Lookahead { lookahead, to, reject: self.end });
    }

    fn emit_value(&mut self, value: &'p Expression) {
        let location = match &value.kind {
            ExpressionKind::Read(place) => self.locate(place),
            _ => {
                let offset = self.value(value);
                let count = self.size(&value.ty);
                Location { address: None, offset, count, bits: None, stack: None }
            }
        };
        self.emit_headers(&value.ty, location);
    }

    fn emit_headers(&mut self, ty: &Type, location: Location) {
        let inner = |offset: u32| Location { offset: location.offset + offset, ..location };
        match ty {
            Type::Header(_) => {
                let packing = self.packing(ty);
                let (address, offset) = self.address(location);
                self.emit(Op::Emit { packing, address, offset });
            }
            Type::Stack(id, count) => {
                let element = Type::Header(*id);
                let stride = self.size(&element);
                if location.address.is_none() {
                    let packing = self.packing(&element);
                    let stack = self.stack(location.offset, ty);
                    self.emit(Op::EmitStack { packing, stack });
                    return;
                }
                for index in 0..*count {
                    self.emit_headers(&element, inner(1 + index * stride));
                }
            }
            Type::Struct(id) => {
                let program = self.program();
                for (place, _) in program.composites[id.index()].fields.iter().enumerate() {
                    let (offset, ty) = self.storage.sizes.field(ty, place as u32);
                    self.emit_headers(&ty, inner(offset));
                }
            }
            Type::Tuple(types) => {
                let mut offset = 0;
                for ty in types.iter() {
                    self.emit_headers(ty, inner(offset));
                    offset += self.size(ty);
                }
            }
            // The checker lets nothing else be emitted.
            _ => {}
        }
    }

    fn hash(
        &mut self,
        result: &'p Place,
        algorithm: HashAlgorithm,
        base: &'p Expression,
        data: &'p Expression,
        max: &'p Expression,
    ) {
        let location = self.locate(result);
        let width = self.width(&self.storage.sizes.type_of(result));
        let mut base_at = self.value(base);
        if has_effects(data) || has_effects(max) {
            let kept = self.temporary(1);
            self.copy(kept, base_at, 1);
            base_at = kept;
        }
        let digest = self.digest(data, algorithm, false, has_effects(max));
        let max = self.value(max);
        let (base, to) = (base_at, self.temporary(1));
        let hash = self.code.hashes.len() as u32;
        self.code.hashes.push(Hash { digest, base, max, to, width });
        self.emit(Op::Hash(hash));
        self.write(location, to);
    }

    fn verify_checksum(&mut self, checksum: &'p Checksum) {
        let Checksum { condition, data, checksum: place, algorithm, with_payload } = checksum;
        let end = self.label();
        self.jump_unless(condition, end);
        let digest = self.digest(data, *algorithm, *with_payload, false);
        let location = self.locate(place);
        let (left, right) = (self.read(location), self.temporary(1));
        self.emit(Op::Checksum { digest, to: right });
        let from = self.cut_to(place, right);
        self.emit(Op::JumpIfEqual { left, right: from, to: end });
        if let Some(to) = self.standard_field("checksum_error") {
            let one = self.constant(1);
            self.copy(to, one, 1);
        }
        self.here(end);
    }

    fn update_checksum(&mut self, checksum: &'p Checksum) {
        let Checksum { condition, data, checksum: place, algorithm, with_payload } = checksum;
        let end = self.label();
        self.jump_unless(condition, end);
        let digest = self.digest(data, *algorithm, *with_payload, false);
        let location = self.locate(place);
        let to = self.temporary(1);
        self.emit(Op::Checksum { digest, to });
        let from = self.cut_to(place, to);
        self.write(location, from);
        self.here(end);
    }

    /// What of a checksum fits the place: checksums have up to 64 bits.
    fn cut_to(&mut self, place: &Place, from: Slot) -> Slot {
        let width = self.width(&self.storage.sizes.type_of(place));
        if width >= 64 {
            return from;
        }
        self.emit(Op::Slice { low: 0, width: width as u8, to: from, from });
        from
    }

    /// A field of the standard metadata that the parts of the pipeline share.
    fn standard_field(&self, name: &str) -> Option<Slot> {
        let program = self.program();
        let ingress = &program.controls[program.pipeline.ingress.index()];
        let at = self.storage.variable(ingress.parameters.get(2)?.variable);
        self.storage.sizes.named_field(program.pipeline.standard_metadata, name).map(|f| at + f)
    }

    fn mark_to_drop(&mut self, place: &'p Place, span: Span) {
        let id = self.program().pipeline.standard_metadata;
        let location = self.locate(place);
        for (name, value) in [("egress_spec", super::super::DROP_PORT), ("mcast_grp", 0)] {
            if let Some(field) = self.storage.sizes.named_field(id, name) {
                let from = self.constant(value);
                let offset = location.offset + field;
                self.write(Location { offset, count: 1, ..location }, from);
            }
        }
        let site = self.site(span);
        self.emit(Op::MarkToDrop(site));
    }

    fn site(&mut self, span: Span) -> u32 {
        let (within, parameters) = self.within.clone();
        self.code.sites.push(Arc::new(Site { span, within, parameters }));
        self.code.sites.len() as u32 - 1
    }

    fn log(&mut self, text: &Arc<str>, values: &'p [Expression]) {
        let expressions: Vec<_> = values.iter().collect();
        let slots = self.values(&expressions);
        let kinds = values.iter().map(|value| ValueKind::of(self.program(), &value.ty));
        let values = slots.into_iter().zip(kinds);
        let values = values.filter_map(|(slot, kind)| Some((slot, kind?))).collect();
        let log = self.code.logs.len() as u32;
        self.code.logs.push(Log { text: text.clone(), values });
        self.emit(Op::Log(log));
    }

    /// Data, which is a copy if it would not stay as it is until it is used.
    fn digest(
        &mut self,
        data: &'p Expression,
        algorithm: HashAlgorithm,
        payload: bool,
        changes: bool,
    ) -> u32 {
        let mut parts = Vec::new();
        if changes || has_effects(data) {
            let at = self.temporary(self.size(&data.ty));
            self.value_into(data, at);
            self.parts(&data.ty, at, None, &mut parts);
        } else {
            self.data(data, &mut parts);
        }
        self.code.digests.push(Digest { parts, algorithm, with_payload: payload });
        self.code.digests.len() as u32 - 1
    }

    fn data(&mut self, data: &'p Expression, parts: &mut Vec<DataPart>) {
        match &data.kind {
            ExpressionKind::Aggregate(values) if !matches!(data.ty, Type::Header(_)) => {
                values.iter().for_each(|value| self.data(value, parts));
            }
            ExpressionKind::Read(place) => {
                let valid = self.validity_around(place);
                let location = self.locate(place);
                let at = self.read(location);
                self.parts(&data.ty, at, valid, parts);
            }
            _ => {
                let at = self.value(data);
                self.parts(&data.ty, at, None, parts);
            }
        }
    }

    /// The scalars and varbits of a value.
    fn parts(&self, ty: &Type, at: Slot, valid: Option<Slot>, parts: &mut Vec<DataPart>) {
        match ty {
            Type::Varbit(_) => parts.push(DataPart { slot: at, width: None, valid }),
            Type::Header(id) | Type::Struct(id) => {
                let fields = &self.program().composites[id.index()].fields;
                let valid = if matches!(ty, Type::Header(_)) { Some(at) } else { valid };
                for (place, field) in fields.iter().enumerate() {
                    let (offset, _) = self.storage.sizes.field(ty, place as u32);
                    self.parts(&field.ty, at + offset, valid, parts);
                }
            }
            Type::Stack(id, count) => {
                let element = Type::Header(*id);
                let stride = self.size(&element);
                for index in 0..*count {
                    self.parts(&element, at + 1 + index * stride, None, parts);
                }
            }
            Type::Tuple(types) => {
                let mut at = at;
                for ty in types.iter() {
                    self.parts(ty, at, valid, parts);
                    at += self.size(ty);
                }
            }
            _ => {
                let width = Some(self.width(ty));
                parts.push(DataPart { slot: at, width, valid });
            }
        }
    }
}
