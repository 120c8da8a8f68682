//! A client of the per-entry operations, which know single entries and nothing of sets: it lists
//! what there is, compares, and asks for each difference.

use crate::connection::Connection;
use dpd_types::{NatEntry, NatSlot, NatTarget, Page};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The version of the API that such clients speak.
pub(crate) const API_VERSION: &str = "13.0.0";

/// The items of a page that such clients ask for.
pub(crate) const PAGE_LIMIT: u32 = 128;

/// What a pass had to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reconciled {
    /// The entries that were deleted.
    pub(crate) deleted: u64,
    /// The entries that were put.
    pub(crate) put: u64,
}

/// One pass: makes what there is what is `wanted`.
pub(crate) async fn reconcile(
    connection: &mut Connection,
    wanted: &[NatEntry],
) -> anyhow::Result<Reconciled> {
    let mut there: Vec<NatEntry> = Vec::new();
    for address in addresses(connection).await? {
        let list = format!("/nat/{}/{address}", family(address));
        there.extend(pages::<NatEntry>(connection, &list).await?);
    }
    let Difference { stale, missing } = difference(&there, wanted);
    for NatSlot { external, low, high: _ } in &stale {
        connection.delete(&format!("/nat/{}/{external}/{low}", family(*external))).await?;
    }
    for NatEntry { external, low, high, target } in &missing {
        let path = format!("/nat/{}/{external}/{low}/{high}", family(*external));
        connection.put(&path, target).await?;
    }
    Ok(Reconciled { deleted: stale.len() as u64, put: missing.len() as u64 })
}

/// Deletes everything.
pub(crate) async fn reset(connection: &mut Connection) -> anyhow::Result<()> {
    for family in ["ipv4", "ipv6"] {
        connection.delete(&format!("/nat/{family}")).await?;
    }
    Ok(())
}

/// What leads from one set to another, one entry at a time. An entry with another target is stale
/// and missing: these operations cannot retarget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Difference {
    stale: Vec<NatSlot>,
    missing: Vec<NatEntry>,
}

fn difference(there: &[NatEntry], wanted: &[NatEntry]) -> Difference {
    let targets = |entries: &[NatEntry]| -> HashMap<NatSlot, NatTarget> {
        entries.iter().map(|entry| (entry.slot(), entry.target)).collect()
    };
    let (targets_there, targets_wanted) = (targets(there), targets(wanted));
    let lacks = |targets: &HashMap<NatSlot, NatTarget>, entry: &NatEntry| {
        targets.get(&entry.slot()) != Some(&entry.target)
    };
    Difference {
        stale: there
            .iter()
            .filter(|entry| lacks(&targets_wanted, entry))
            .map(NatEntry::slot)
            .collect(),
        missing: wanted.iter().filter(|entry| lacks(&targets_there, entry)).copied().collect(),
    }
}

async fn addresses(connection: &mut Connection) -> anyhow::Result<Vec<IpAddr>> {
    let ipv4 = pages::<Ipv4Addr>(connection, "/nat/ipv4").await?;
    let ipv6 = pages::<Ipv6Addr>(connection, "/nat/ipv6").await?;
    Ok(ipv4.into_iter().map(IpAddr::from).chain(ipv6.into_iter().map(IpAddr::from)).collect())
}

/// All items of a list, page by page.
async fn pages<T: DeserializeOwned>(
    connection: &mut Connection,
    list: &str,
) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    let mut path = format!("{list}?limit={PAGE_LIMIT}");
    loop {
        let Page { items, next_page } = connection.get(&path).await?;
        all.extend::<Vec<T>>(items);
        match next_page {
            // Tokens are made of letters that need no escape.
            Some(token) => path = format!("{list}?limit={PAGE_LIMIT}&page_token={token}"),
            None => return Ok(all),
        }
    }
}

fn family(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "ipv4",
        IpAddr::V6(_) => "ipv6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Workload;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_entry_with_another_target_is_deleted_and_put() {
        let there = *Workload::instances(0, 1, 1).entries().first().unwrap();
        let mut wanted = there;
        wanted.target.vni += 1;
        let expected = Difference { stale: vec![there.slot()], missing: vec![wanted] };
        assert_eq!(difference(&[there], &[wanted]), expected);
    }

    proptest! {
        #[test]
        fn what_differs_is_asked_for_and_nothing_else(count in 0_u32..50, rounds in 0_u32..50) {
            let mut workload = Workload::instances(0, count + 1, 1);
            let there = workload.entries().to_vec();
            for _ in 0..rounds {
                workload.change_one_percent();
            }
            let wanted: BTreeSet<NatEntry> = workload.entries().iter().copied().collect();
            let Difference { stale, missing } = difference(&there, workload.entries());
            prop_assert!(missing.iter().all(|entry| !there.contains(entry)));
            let mut set: BTreeSet<NatEntry> = there.iter().copied().collect();
            let before = set.len();
            set.retain(|entry| !stale.contains(&entry.slot()));
            prop_assert_eq!(before - set.len(), stale.len());
            set.extend(missing);
            prop_assert_eq!(set, wanted);
        }
    }
}
