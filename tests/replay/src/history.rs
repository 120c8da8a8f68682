//! The generations of a group, as a daemon tells them.

use std::net::IpAddr;

use dpd::convert::{EntryProblem, unchecked_target};
use dpd_client::{ChangesPage, Client, Failure, items, pages};
use dpd_types::{ChangeOp, GenerationInfo, NatChange, NatEntry};
use futures::TryStreamExt as _;
use nat_groups::{Change, MappingSet, PortRange, Slot, one_row};
use thiserror::Error;

/// One generation of a group: its number and its whole set.
#[derive(Clone, Debug)]
pub struct Version {
    /// The generation; 0 for the empty set before the first.
    pub generation: u64,
    /// Its set.
    pub set: MappingSet,
}

/// Why the generations of a group cannot be had.
#[derive(Debug, Error)]
pub enum HistoryFailure {
    /// The daemon does not give them.
    #[error(transparent)]
    Daemon(#[from] Failure),
    /// A generation that the daemon does not keep.
    #[error("the daemon does not keep generation {asked} of {group}; it keeps {kept}")]
    NotKept {
        /// The group.
        group: String,
        /// The generation asked for.
        asked: u64,
        /// Those that it keeps.
        kept: String,
    },
    /// The first generation is not before the last.
    #[error("there is no way from generation {from} to {to}: --from has to be less than --to")]
    Backwards {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// Something that no entry can be.
    #[error("the daemon's change of {external} ports {low}-{high} is none: {problem}")]
    Entry {
        /// The address.
        external: IpAddr,
        /// The first port.
        low: u16,
        /// The last port.
        high: u16,
        /// Why not.
        problem: EntryProblem,
    },
    /// The changes do not lead to the set that the daemon says they lead to.
    #[error(
        "the changes lead to a set with digest {found}, while generation {generation} has \
         digest {expected}"
    )]
    Digest {
        /// The generation.
        generation: u64,
        /// The digest that it has.
        expected: dpd_types::Digest,
        /// The digest of the set that the changes lead to.
        found: String,
    },
}

/// The kept generations of `group` after `from` and up to `to` (the current one if there is none),
/// behind that of `from` itself, in order. Each is built from the one before by the changes that
/// the daemon tells, and has to have the digest that the daemon tells.
///
/// # Errors
///
/// If the daemon does not answer, keeps no such generations, or tells changes that do not lead from
/// one to the next.
pub async fn fetch(
    client: &Client,
    group: &str,
    from: u64,
    to: Option<u64>,
) -> Result<Vec<Version>, HistoryFailure> {
    let mut kept: Vec<GenerationInfo> = items(|token| {
        let request = client.nat_group_generations().group(group);
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    })
    .try_collect()
    .await?;
    kept.sort_by_key(|info| info.generation);
    let to = to.or(kept.last().map(|info| info.generation)).unwrap_or_default();
    if from >= to {
        return Err(HistoryFailure::Backwards { from, to });
    }
    for asked in [from, to] {
        if asked != 0 && kept.iter().all(|info| info.generation != asked) {
            let numbers: Vec<String> =
                kept.iter().map(|info| info.generation.to_string()).collect();
            return Err(HistoryFailure::NotKept {
                group: group.to_owned(),
                asked,
                kept: numbers.join(", "),
            });
        }
    }
    let mut set = MappingSet::empty(one_row);
    if from != 0 {
        apply(client, group, (0, from), &mut set).await?;
    }
    let mut versions = vec![Version { generation: from, set: set.clone() }];
    let mut at = from;
    for info in kept.iter().filter(|info| from < info.generation && info.generation <= to) {
        apply(client, group, (at, info.generation), &mut set).await?;
        at = info.generation;
        versions.push(Version { generation: at, set: set.clone() });
    }
    Ok(versions)
}

/// Takes `set` from one generation to another.
async fn apply(
    client: &Client,
    group: &str,
    (from, to): (u64, u64),
    set: &mut MappingSet,
) -> Result<(), HistoryFailure> {
    let all: Vec<ChangesPage> = pages(|token| {
        let request = client.nat_group_changes().group(group);
        match token {
            None => request.from(from).to(to).limit(10_000_u32).send(),
            Some(token) => request.page_token(token).limit(10_000_u32).send(),
        }
    })
    .try_collect()
    .await?;
    let expected = all.first().map(|page| page.digest);
    let changes: Vec<Change> =
        all.into_iter().flat_map(|page| page.items).map(change).collect::<Result<_, _>>()?;
    set.apply(&changes);
    let found = set.digest();
    match expected {
        Some(expected) if expected.0 != found.to_bytes() => {
            Err(HistoryFailure::Digest { generation: to, expected, found: found.to_string() })
        }
        _ => Ok(()),
    }
}

/// A change as the core has it.
fn change(NatChange { op, entry, was }: NatChange) -> Result<Change, HistoryFailure> {
    let NatEntry { external, low, high, target } = entry;
    let because = |problem| HistoryFailure::Entry { external, low, high, problem };
    let ports = PortRange::new(low, high).map_err(|ports| because(EntryProblem::Ports(ports)))?;
    let slot = Slot::new(external, ports);
    let target = unchecked_target(&target).map_err(because)?;
    let was = was.map(|was| unchecked_target(&was)).transpose().map_err(because)?;
    Ok(match op {
        ChangeOp::Add => Change::Add { slot, target },
        ChangeOp::Update => Change::Update { slot, was: was.unwrap_or(target), target },
        ChangeOp::Remove => Change::Remove { slot, was: target },
    })
}
