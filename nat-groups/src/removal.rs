//! When the rows go that have to go.

use crate::applied::Priority;
use crate::plan::Write;
use crate::slot::Slot;
use smallvec::SmallVec;

/// A row that has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Doomed {
    pub(crate) slot: Slot,
    pub(crate) priority: Priority,
}

/// Rows that have to go and overlap each other, by rising priority: almost always one. They go one
/// by one in that order, so that none comes to light that had been covered.
pub(crate) type Cluster = SmallVec<[Doomed; 1]>;

/// The rows with those that overlap them. Unless they `may_overlap`, each is alone.
pub(crate) fn clusters(doomed: &[Doomed], may_overlap: bool) -> Vec<Cluster> {
    if !may_overlap {
        return doomed.iter().map(|row| Cluster::from_iter([*row])).collect();
    }
    let mut in_slot_order = doomed.to_vec();
    in_slot_order.sort_unstable();
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut furthest: Option<Slot> = None;
    for row in in_slot_order {
        match (furthest.filter(|slot| slot.overlaps(&row.slot)), clusters.last_mut()) {
            (Some(slot), Some(cluster)) => {
                cluster.push(row);
                furthest =
                    Some(if row.slot.ports.high() > slot.ports.high() { row.slot } else { slot });
            }
            _ => {
                clusters.push(Cluster::from_iter([row]));
                furthest = Some(row.slot);
            }
        }
    }
    clusters.iter_mut().for_each(|cluster| cluster.sort_by_key(|row| row.priority));
    clusters
}

/// The stages in which clusters go, a row of each at a time.
pub(crate) fn in_turn(clusters: &[Cluster]) -> impl Iterator<Item = Vec<Write>> + '_ {
    let turns = clusters.iter().map(|cluster| cluster.len()).max().unwrap_or(0);
    (0..turns).map(|turn| {
        let rows = clusters.iter().filter_map(move |cluster| cluster.get(turn));
        rows.map(|&Doomed { slot, priority }| Write::Delete { slot, priority }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::PortRange;
    use std::net::Ipv4Addr;

    fn row(low: u16, high: u16, priority: u32) -> Doomed {
        let ports = PortRange::new(low, high).unwrap();
        Doomed { slot: Slot::new(Ipv4Addr::LOCALHOST, ports), priority: Priority(priority) }
    }

    #[test]
    fn a_wide_row_holds_together_those_that_it_covers() {
        let (wide, first, second) = (row(0, 100, 2), row(10, 20, 1), row(50, 60, 3));
        let apart = row(101, 110, 1);
        let clusters = clusters(&[second, wide, apart, first], true);
        assert_eq!(clusters.len(), 2);
        assert_eq!(clusters[0].as_slice(), [first, wide, second]);
        assert_eq!(clusters[1].as_slice(), [apart]);
    }
}
