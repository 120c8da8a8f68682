//! Sets of entries: their digest, and what leads from one to another, computed as plainly as can be.

use crate::entry::Entry;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;

/// The digest of a set, by its published definition: the sum modulo 2^256 of the SHA-256 of each
/// entry's canonical bytes, little-endian, in hex.
pub fn digest(entries: &[Entry]) -> String {
    let mut sum = [0_u8; 32];
    for entry in entries {
        let mut carry = 0_u16;
        for (byte, term) in sum.iter_mut().zip(Sha256::digest(canonical_bytes(entry))) {
            let total = u16::from(*byte) + u16::from(term) + carry;
            *byte = total as u8;
            carry = total >> 8;
        }
    }
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What changes from `before` to `after`, in slot order and as the wire has it.
pub fn changes(before: &[Entry], after: &[Entry]) -> Vec<Value> {
    let twin = |of: &Entry, others: &[Entry]| others.iter().find(|it| it.same_slot(of)).copied();
    let mut changes: Vec<(&Entry, Value)> = Vec::new();
    for old in before {
        if twin(old, after).is_none() {
            changes.push((old, json!({ "op": "remove", "entry": old.json() })));
        }
    }
    for new in after {
        let change = match twin(new, before) {
            None => json!({ "op": "add", "entry": new.json() }),
            Some(old) if old == *new => continue,
            Some(old) => {
                json!({ "op": "update", "entry": new.json(), "was": old.target.json() })
            }
        };
        changes.push((new, change));
    }
    changes.sort_by_key(|(entry, _)| entry.slot());
    changes.into_iter().map(|(_, change)| change).collect()
}

/// The answer to an ensure that leads a group from `before`, at generation `previous`, to `after`,
/// with one table write for each change, no adoption, no repair and no gap.
pub fn ensured(
    group: &str,
    generation: u64,
    previous: Option<u64>,
    before: &[Entry],
    after: &[Entry],
) -> Value {
    let changes = changes(before, after);
    let count = |op| changes.iter().filter(|change| change["op"] == op).count();
    json!({
        "group": group,
        "generation": generation,
        "previous_generation": previous,
        "digest": digest(after),
        "dry_run": false,
        "added": count("add"),
        "updated": count("update"),
        "removed": count("remove"),
        "unchanged": after.len() - count("add") - count("update"),
        "adopted": 0,
        "writes": changes.len(),
        "repaired": 0,
        "gaps": [],
        "changes": changes[..changes.len().min(100)],
        "changes_total": changes.len(),
    })
}

fn canonical_bytes(entry: &Entry) -> Vec<u8> {
    let (family, external) = match entry.external {
        IpAddr::V4(v4) => (4, [vec![0; 12], v4.octets().to_vec()].concat()),
        IpAddr::V6(v6) => (6, v6.octets().to_vec()),
    };
    let mut bytes = vec![family];
    bytes.extend(external);
    bytes.extend(entry.low.to_be_bytes());
    bytes.extend(entry.high.to_be_bytes());
    bytes.extend(entry.target.internal_ip.octets());
    bytes.extend(entry.target.inner_mac);
    bytes.extend(entry.target.vni.to_be_bytes());
    bytes
}
