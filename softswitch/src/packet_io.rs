//! Packets between the program and the controllers: P4Runtime specification 1.5, section 16.1,
//! "Packet I/O".
//!
//! What a controller says beside a packet are the fields of the program's header with
//! `@controller_header("packet_out")`, which is put in front of the packet; what it is told are
//! those of `packet_in`, which the program puts there. A program without such a header sends and
//! gets packets as they are.

use p4::ir::{self, Type};
use p4runtime::{InvalidBytes, canonical, config, v1};
use thiserror::Error;

/// The longest packet, with the header in front of it.
pub(crate) const MAX_PACKET_BYTES: usize = 65_535;

/// The headers of a program for packets of controllers.
#[derive(Debug, Default)]
pub(crate) struct PacketHeaders {
    packet_in: Layout,
    packet_out: Layout,
}

/// What is in front of a packet; nothing if there is no such header.
#[derive(Debug, Default)]
struct Layout {
    fields: Vec<Field>,
    bytes: usize,
}

#[derive(Debug)]
struct Field {
    name: String,
    width_bits: u32,
    /// Its number in the P4Info; none for a field that is hidden from controllers.
    id: Option<u32>,
    is_padding: bool,
}

/// Controllers could not send or get packets with such a header.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidPacketHeader {
    /// Metadata have a fixed width.
    #[error("the field {field} of the header {header} has no fixed width")]
    Varbit {
        /// As in `packet_in`.
        header: String,
        /// The field.
        field: String,
    },
    /// A packet begins at a whole byte.
    #[error("the header {header} has {bits} bits, which are no whole bytes")]
    NotBytes {
        /// As in `packet_in`.
        header: String,
        /// Its length.
        bits: u32,
    },
}

/// Why a packet cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum InvalidPacketOut {
    #[error("there is no metadata {id}; the program's header packet_out {}", wants(known))]
    Unknown { id: u32, known: Vec<u32> },
    #[error("metadata {id} ({name}) is given twice")]
    Twice { id: u32, name: String },
    #[error("metadata {id} ({name}) is missing")]
    Missing { id: u32, name: String },
    #[error("metadata {id} ({name}): {error}")]
    Value { id: u32, name: String, error: InvalidBytes },
    #[error("with its header the packet has {bytes} bytes; the most is {MAX_PACKET_BYTES}")]
    TooLong { bytes: usize },
}

/// The packet is shorter than the header that is to be in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooShort {
    pub(crate) header_bytes: usize,
}

impl PacketHeaders {
    /// The headers of the program, with the numbers of their fields from its P4Info.
    pub(crate) fn new(
        program: &ir::Program,
        info: &config::P4Info,
    ) -> Result<PacketHeaders, InvalidPacketHeader> {
        Ok(PacketHeaders {
            packet_in: Layout::new(program, info, "packet_in")?,
            packet_out: Layout::new(program, info, "packet_out")?,
        })
    }

    /// The packet for the program: the header, and then the payload.
    pub(crate) fn packet_out(&self, packet: &v1::PacketOut) -> Result<Vec<u8>, InvalidPacketOut> {
        let v1::PacketOut { payload, metadata } = packet;
        let bytes = self.packet_out.bytes + payload.len();
        if bytes > MAX_PACKET_BYTES {
            return Err(InvalidPacketOut::TooLong { bytes });
        }
        let values = self.packet_out.values(metadata)?;
        let mut packet = vec![0; bytes];
        let (header, rest) = packet.split_at_mut(self.packet_out.bytes);
        rest.copy_from_slice(payload);
        let mut at = 0;
        for (field, value) in self.packet_out.fields.iter().zip(values) {
            put(header, at, field.width_bits, value);
            at += field.width_bits;
        }
        Ok(packet)
    }

    /// What a controller is told of a packet that the program has sent to it.
    pub(crate) fn packet_in(&self, packet: &[u8]) -> Result<v1::PacketIn, TooShort> {
        let header_bytes = self.packet_in.bytes;
        let (header, payload) =
            packet.split_at_checked(header_bytes).ok_or(TooShort { header_bytes })?;
        let mut metadata = Vec::with_capacity(self.packet_in.fields.len());
        let mut at = 0;
        for field in &self.packet_in.fields {
            if let Some(metadata_id) = field.id {
                let value = canonical(get(header, at, field.width_bits));
                metadata.push(v1::PacketMetadata { metadata_id, value });
            }
            at += field.width_bits;
        }
        Ok(v1::PacketIn { payload: payload.to_vec(), metadata })
    }
}

impl Layout {
    fn new(
        program: &ir::Program,
        info: &config::P4Info,
        name: &str,
    ) -> Result<Layout, InvalidPacketHeader> {
        let found = program.controller_headers.iter().find(|header| *header.name == *name);
        let header = found.and_then(|found| program.composites.get(found.header.index()));
        let Some(header) = header else { return Ok(Layout::default()) };
        let shown = info
            .controller_packet_metadata
            .iter()
            .find(|one| one.preamble.as_ref().is_some_and(|preamble| preamble.name == name));
        let metadata = shown.map(|shown| shown.metadata.as_slice()).unwrap_or_default();
        let fields = header.fields.iter().map(|field| {
            let shown = metadata.iter().find(|one| one.name == *field.name);
            Ok(Field {
                name: field.name.to_string(),
                width_bits: width(program, &field.ty).ok_or_else(|| {
                    let (header, field) = (name.to_owned(), field.name.to_string());
                    InvalidPacketHeader::Varbit { header, field }
                })?,
                id: shown.map(|one| one.id),
                is_padding: field.annotations.iter().any(|one| *one.name == *"padding"),
            })
        });
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let bits = fields.iter().map(|field| field.width_bits).sum();
        match bits % 8 {
            0 => Ok(Layout { fields, bytes: bits as usize / 8 }),
            _ => Err(InvalidPacketHeader::NotBytes { header: name.to_owned(), bits }),
        }
    }

    /// The value of each field: of each that is shown exactly one is to be given, but padding may
    /// be left out; what is hidden is 0.
    fn values(&self, metadata: &[v1::PacketMetadata]) -> Result<Vec<u128>, InvalidPacketOut> {
        let mut values: Vec<Option<u128>> = vec![None; self.fields.len()];
        for v1::PacketMetadata { metadata_id, value } in metadata {
            let id = *metadata_id;
            let mut fields = self.fields.iter().zip(&mut values);
            let Some((field, slot)) = fields.find(|(field, _)| field.id == Some(id)) else {
                let known = self.fields.iter().filter_map(|field| field.id).collect();
                return Err(InvalidPacketOut::Unknown { id, known });
            };
            let name = || field.name.clone();
            if slot.is_some() {
                return Err(InvalidPacketOut::Twice { id, name: name() });
            }
            let value = p4runtime::value(value, field.width_bits);
            *slot =
                Some(value.map_err(|error| InvalidPacketOut::Value { id, name: name(), error })?);
        }
        let fields = self.fields.iter().zip(values);
        let values = fields.map(|(field, value)| match (value, field.id) {
            (Some(value), _) => Ok(value),
            (None, Some(id)) if !field.is_padding => {
                Err(InvalidPacketOut::Missing { id, name: field.name.clone() })
            }
            (None, _) => Ok(0),
        });
        values.collect()
    }
}

/// How many bits a value has; none if that differs.
fn width(program: &ir::Program, ty: &Type) -> Option<u32> {
    match ty {
        Type::Bool => Some(1),
        Type::Bit(width) | Type::Int(width) => Some(*width),
        Type::Enum(id) => {
            let found = program.enums.get(id.0 as usize)?;
            width(program, found.underlying.as_ref()?)
        }
        _ => None,
    }
}

/// Writes a value, from a bit on, the most significant one first.
fn put(bytes: &mut [u8], at: u32, width_bits: u32, value: u128) {
    for bit in 0..width_bits {
        let place = at + bit;
        let is_set = value >> (width_bits - 1 - bit) & 1 == 1;
        if let (true, Some(byte)) = (is_set, bytes.get_mut(place as usize / 8)) {
            *byte |= 0x80 >> (place % 8);
        }
    }
}

/// Reads the value that [`put`] wrote.
fn get(bytes: &[u8], at: u32, width_bits: u32) -> u128 {
    (at..at + width_bits).fold(0, |value, place| {
        let byte = bytes.get(place as usize / 8).copied().unwrap_or_default();
        value << 1 | u128::from(byte >> (7 - place % 8) & 1)
    })
}

fn wants(known: &[u32]) -> String {
    match known {
        [] => "is not there or has no fields, so that packets have no metadata".to_owned(),
        known => {
            let known: Vec<String> = known.iter().map(u32::to_string).collect();
            format!("has {}", known.join(", "))
        }
    }
}
