//! A request, checked.

use super::entry::{EntryProblem, mapping};
use dpd_types::{Adopt, EnsureRequest, NatEntry, NatSlot};
use nat_groups::{
    Ensure, Generation, GroupName, InvalidGeneration, InvalidGroupName, Listed, Mapping, Overlap,
    PerFamily, SortedMappings, Vni,
};
use thiserror::Error;

/// Why an ensure is not understood.
#[derive(Clone, Debug, Error)]
pub enum InvalidRequest {
    /// A value outside the entries.
    #[error("{path}: {problem}")]
    Value {
        /// Where it stands in the body.
        path: &'static str,
        /// What is wrong with it.
        problem: ValueProblem,
    },
    /// Some entries are not allowed.
    #[error("{}", entries_message(.0))]
    Entries(Listed<InvalidRequestEntry>),
}

/// What is wrong with a value outside the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ValueProblem {
    /// A generation that is none.
    #[error(transparent)]
    Generation(#[from] InvalidGeneration),
    /// A VNI of more than 24 bits.
    #[error(transparent)]
    Vni(#[from] nat_groups::InvalidVni),
    /// More rows than any table has.
    #[error("{rows} rows cannot be reserved; the most is {max}", max = u32::MAX)]
    Reserve {
        /// The rows asked for.
        rows: u64,
    },
}

/// An entry that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRequestEntry {
    /// Its position in the request.
    pub index: usize,
    /// The entry.
    pub entry: NatEntry,
    /// Why not.
    pub reasons: Vec<EntryReason>,
}

/// Why an entry is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EntryReason {
    /// Its own values.
    #[error(transparent)]
    Value(#[from] EntryProblem),
    /// It has the slot of another.
    #[error("it has the same address and ports as entries[{other}]")]
    Twice {
        /// The other's position.
        other: usize,
    },
    /// It overlaps another.
    #[error("it overlaps entries[{other}], {slot}")]
    Overlap {
        /// The other's position.
        other: usize,
        /// The other's slot.
        slot: NatSlot,
    },
}

impl InvalidRequestEntry {
    /// All reasons in one line.
    pub fn reason(&self) -> String {
        self.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

fn entries_message(invalid: &Listed<InvalidRequestEntry>) -> String {
    let first = invalid
        .items()
        .first()
        .map(|first| format!("entries[{}] is not allowed: {}", first.index, first.reason()));
    let first = first.unwrap_or_default();
    match invalid.total() - invalid.items().len().min(1) {
        0 => first,
        1 => format!("{first} (and 1 more entry is not allowed)"),
        more => format!("{first} (and {more} more entries are not allowed)"),
    }
}

/// A group's name.
///
/// # Errors
///
/// If it is none.
pub fn group_name(name: &dpd_types::GroupName) -> Result<GroupName, InvalidGroupName> {
    GroupName::new(&name.0)
}

/// A generation.
///
/// # Errors
///
/// If it is none; the wire type has seen to that already.
pub fn generation(generation: dpd_types::Generation) -> Result<Generation, InvalidGeneration> {
    Generation::new(generation.get())
}

/// An ensure of `group`.
///
/// # Errors
///
/// Every entry that is not allowed, with every reason; or the first other value that is not.
pub fn ensure(group: GroupName, request: EnsureRequest) -> Result<Ensure, InvalidRequest> {
    let EnsureRequest { generation: number, entries, adopt, reserve, max_removals, allow_empty } =
        request;
    let invalid = |path| move |problem| InvalidRequest::Value { path, problem };
    let generation = generation(number).map_err(|e| invalid("generation")(e.into()))?;
    let adopt = match adopt {
        Adopt::None => nat_groups::Adopt::None,
        Adopt::Identical => nat_groups::Adopt::Identical,
        Adopt::Vni(vni) => {
            let vni = Vni::new(vni).map_err(|e| invalid("adopt.vni")(e.into()))?;
            nat_groups::Adopt::Vni(vni)
        }
    };
    let reserve = match reserve {
        Some(dpd_types::PerFamily { ipv4, ipv6 }) => {
            for (path, rows) in [("reserve.ipv4", ipv4), ("reserve.ipv6", ipv6)] {
                if rows > u64::from(u32::MAX) {
                    return Err(invalid(path)(ValueProblem::Reserve { rows }));
                }
            }
            Some(PerFamily { v4: ipv4, v6: ipv6 })
        }
        None => None,
    };
    let mappings = mappings(&entries).map_err(InvalidRequest::Entries)?;
    Ok(Ensure { group, generation, mappings, adopt, reserve, max_removals, allow_empty })
}

fn mappings(entries: &[NatEntry]) -> Result<SortedMappings, Listed<InvalidRequestEntry>> {
    let mut mappings = Vec::with_capacity(entries.len());
    for entry in entries {
        match mapping(entry) {
            Ok(mapping) => mappings.push(mapping),
            Err(_) => return Err(reasons(entries)),
        }
    }
    SortedMappings::new(mappings).map_err(|_| reasons(entries))
}

/// Goes over everything once more, to say all that is wrong.
fn reasons(entries: &[NatEntry]) -> Listed<InvalidRequestEntry> {
    let mut reasons: Vec<Vec<EntryReason>> = vec![Vec::new(); entries.len()];
    let mut positions = Vec::new();
    let mut sound: Vec<Mapping> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        match mapping(entry) {
            Ok(mapping) => {
                positions.push(index);
                sound.push(mapping);
            }
            Err(problems) => reasons[index].extend(problems.into_iter().map(EntryReason::from)),
        }
    }
    if let Err(overlaps) = SortedMappings::new(sound) {
        for Overlap { first, second } in overlaps {
            let (a, b) = (positions[first], positions[second]);
            let (other, index) = (a.min(b), a.max(b));
            let slot = entries[other].slot();
            reasons[index].push(if slot == entries[index].slot() {
                EntryReason::Twice { other }
            } else {
                EntryReason::Overlap { other, slot }
            });
        }
    }
    reasons
        .into_iter()
        .enumerate()
        .filter(|(_, reasons)| !reasons.is_empty())
        .map(|(index, reasons)| InvalidRequestEntry { index, entry: entries[index], reasons })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpd_types::{MacAddr, NatTarget};

    fn entry(external: &str, low: u16, high: u16) -> NatEntry {
        NatEntry {
            external: external.parse().unwrap(),
            low,
            high,
            target: NatTarget {
                internal_ip: "fd00::1".parse().unwrap(),
                inner_mac: MacAddr { a: [0xa8, 0, 0, 0, 0, 1] },
                vni: 1,
            },
        }
    }

    fn refused(entries: Vec<NatEntry>) -> Listed<InvalidRequestEntry> {
        let request = EnsureRequest::new(dpd_types::Generation::MIN, entries);
        match ensure(GroupName::new("a").unwrap(), request).unwrap_err() {
            InvalidRequest::Entries(invalid) => invalid,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn all_that_is_wrong_with_a_list_is_said_by_position() {
        let invalid = refused(vec![
            entry("203.0.113.7", 100, 200),
            entry("203.0.113.8", 9, 8),
            entry("203.0.113.7", 150, 160),
            entry("203.0.113.7", 100, 200),
        ]);
        let said: Vec<_> =
            invalid.items().iter().map(|invalid| (invalid.index, invalid.reason())).collect();
        assert_eq!(
            said,
            [
                (1, "low 9 is above high 8".to_owned()),
                (2, "it overlaps entries[0], 203.0.113.7 ports 100-200".to_owned()),
                (3, "it has the same address and ports as entries[0]".to_owned()),
            ]
        );
    }

    #[test]
    fn of_many_bad_entries_the_first_are_listed_and_all_are_counted() {
        let invalid = refused(vec![entry("203.0.113.8", 9, 8); 40]);
        assert_eq!((invalid.items().len(), invalid.total()), (32, 40));
    }

    #[test]
    fn a_reservation_beyond_any_table_is_refused() {
        let mut request = EnsureRequest::new(dpd_types::Generation::MIN, Vec::new());
        request.reserve = Some(dpd_types::PerFamily { ipv4: 0, ipv6: u64::MAX });
        let words = ensure(GroupName::new("a").unwrap(), request).unwrap_err().to_string();
        assert!(words.starts_with("reserve.ipv6: "), "{words}");
    }
}
