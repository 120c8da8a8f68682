//! How keys and values are written. All numbers are big-endian, so that keys sort as what they mean.

use nat_groups::{
    Change, ChangeCounts, Digest, ExternalAddr, Family, GroupId, MacAddr, Mapping, PerFamily,
    PortRange, Slot, Stamp, Target, Version, Vni,
};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// A slot: family (4 or 6), address (16; IPv4 in the last four), first and last port (2 each).
pub(crate) const SLOT_LEN: usize = 21;
/// A target: address (16), MAC (6), VNI (3).
pub(crate) const TARGET_LEN: usize = 25;
/// A group's number (4) and a slot.
pub(crate) const MAPPING_KEY_LEN: usize = 4 + SLOT_LEN;

pub(crate) type MappingKey = [u8; MAPPING_KEY_LEN];
pub(crate) type TargetBytes = [u8; TARGET_LEN];

/// A generation of a group, but for its set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) reserve: PerFamily<u64>,
    pub(crate) counts: ChangeCounts,
    pub(crate) stamp: Stamp,
    pub(crate) digest: [u8; 32],
}

impl Header {
    pub(crate) fn of(version: &Version) -> Self {
        let Version { generation: _, set, reserve, counts, stamp } = version;
        Self {
            reserve: *reserve,
            counts: *counts,
            stamp: stamp.clone(),
            digest: Digest::to_bytes(set.digest()),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let Header { reserve, counts, stamp, digest } = self;
        let ChangeCounts { added, updated, removed } = *counts;
        let mut bytes = Vec::with_capacity(80 + stamp.request_id.len());
        for number in [reserve.v4, reserve.v6, added, updated, removed, stamp.unix_micros] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(digest);
        bytes.extend(stamp.request_id.as_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let mut number = || input.take().map(u64::from_be_bytes);
        // No table has more rows, and their sum has to be a number.
        let mut rows = || number().filter(|rows| *rows <= u64::from(u32::MAX));
        let reserve = PerFamily { v4: rows()?, v6: rows()? };
        let counts = ChangeCounts { added: number()?, updated: number()?, removed: number()? };
        let unix_micros = number()?;
        let digest = input.take()?;
        let request_id = Arc::from(std::str::from_utf8(input.0).ok()?);
        Some(Self { reserve, counts, stamp: Stamp { unix_micros, request_id }, digest })
    }
}

pub(crate) fn mapping_key(group: GroupId, slot: &Slot) -> MappingKey {
    let mut key = [0; MAPPING_KEY_LEN];
    let (head, tail) = key.split_at_mut(4);
    head.copy_from_slice(&group.get().to_be_bytes());
    tail.copy_from_slice(&slot_bytes(slot));
    key
}

/// The first and the last key that a mapping of the group can have.
pub(crate) fn mapping_keys(group: GroupId) -> [MappingKey; 2] {
    [0, u8::MAX].map(|byte| {
        let mut key = [byte; MAPPING_KEY_LEN];
        key[..4].copy_from_slice(&group.get().to_be_bytes());
        key
    })
}

pub(crate) fn mapping(key: &MappingKey, target: &TargetBytes) -> Option<(GroupId, Mapping)> {
    let mut input = Input(key);
    let group = GroupId::new(u32::from_be_bytes(input.take()?));
    let slot = slot(&input.take()?)?;
    Some((group, Mapping { slot, target: target_of(target)? }))
}

pub(crate) fn target_bytes(target: &Target) -> TargetBytes {
    let mut bytes = [0; TARGET_LEN];
    let [_, vni @ ..] = target.vni.get().to_be_bytes();
    bytes[..16].copy_from_slice(&target.internal_ip.octets());
    bytes[16..22].copy_from_slice(&target.inner_mac.0);
    bytes[22..].copy_from_slice(&vni);
    bytes
}

/// What kind of change a record of changes begins with.
const ADD: u8 = 1;
const UPDATE: u8 = 2;
const REMOVE: u8 = 3;

/// Changes one after the other: the kind, the slot, and the targets before and after, as far as
/// there are any.
pub(crate) fn encode_changes(changes: impl Iterator<Item = Change>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for change in changes {
        let kind = match change {
            Change::Add { .. } => ADD,
            Change::Update { .. } => UPDATE,
            Change::Remove { .. } => REMOVE,
        };
        bytes.push(kind);
        bytes.extend(slot_bytes(&change.slot()));
        for target in [change.was(), change.target()].into_iter().flatten() {
            bytes.extend(target_bytes(&target));
        }
    }
    bytes
}

pub(crate) fn decode_changes(bytes: &[u8]) -> Option<Vec<Change>> {
    let mut input = Input(bytes);
    let mut changes = Vec::new();
    while !input.0.is_empty() {
        let [kind] = input.take()?;
        let slot = slot(&input.take()?)?;
        let mut target = || target_of(&input.take()?);
        changes.push(match kind {
            ADD => Change::Add { slot, target: target()? },
            UPDATE => Change::Update { slot, was: target()?, target: target()? },
            REMOVE => Change::Remove { slot, was: target()? },
            _ => return None,
        });
    }
    Some(changes)
}

fn slot_bytes(slot: &Slot) -> [u8; SLOT_LEN] {
    let mut bytes = [0; SLOT_LEN];
    bytes[0] = slot.family() as u8;
    bytes[1..17].copy_from_slice(&slot.external.octets());
    bytes[17..19].copy_from_slice(&slot.ports.low().to_be_bytes());
    bytes[19..].copy_from_slice(&slot.ports.high().to_be_bytes());
    bytes
}

fn slot(bytes: &[u8; SLOT_LEN]) -> Option<Slot> {
    let mut input = Input(bytes);
    let [family] = input.take()?;
    let octets: [u8; 16] = input.take()?;
    let external = match (family, octets) {
        (family, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d])
            if family == Family::V4 as u8 =>
        {
            ExternalAddr::from(Ipv4Addr::new(a, b, c, d))
        }
        (family, octets) if family == Family::V6 as u8 => {
            ExternalAddr::from(Ipv6Addr::from(octets))
        }
        _ => return None,
    };
    let (low, high) = (u16::from_be_bytes(input.take()?), u16::from_be_bytes(input.take()?));
    Some(Slot { external, ports: PortRange::new(low, high).ok()? })
}

fn target_of(bytes: &TargetBytes) -> Option<Target> {
    let mut input = Input(bytes);
    let internal_ip = Ipv6Addr::from(input.take::<16>()?);
    let inner_mac = MacAddr(input.take()?);
    let [a, b, c] = input.take()?;
    Some(Target { internal_ip, inner_mac, vni: Vni::new(u32::from_be_bytes([0, a, b, c])).ok()? })
}

/// Bytes that are still to be read.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Some(*head)
    }
}
