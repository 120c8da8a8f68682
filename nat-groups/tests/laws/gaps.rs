//! Where there is hardly any room, no schedule has fewer gaps than the plan.

use crate::universe::{aligned_blocks, any_mapping, cases, stamp, without_overlaps};
use nat_groups::{
    Adopt, Applied, Capacity, Ensure, Generation, GroupName, Limits, Mapping, PerFamily, RowCost,
    Scope, Slot, SortedMappings, Store, one_row, plan,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A table on the way from one set to another: which old rows are gone, and which new ones came.
struct Way {
    row_cost: RowCost,
    size_rows: u64,
    kept: u64,
    /// The rows that go and have successors.
    old: Vec<Slot>,
    /// The rows that come.
    new: Vec<Slot>,
}

impl Way {
    fn between(before: &[Mapping], after: &[Mapping], row_cost: RowCost, size_rows: u64) -> Self {
        let is_in = |set: &[Mapping], slot: Slot| set.iter().any(|it| it.slot == slot);
        let new: Vec<Slot> =
            after.iter().map(|it| it.slot).filter(|slot| !is_in(before, *slot)).collect();
        let gone = before.iter().map(|it| it.slot).filter(|slot| !is_in(after, *slot));
        // Those without successors go first, and are no matter.
        let old = gone.filter(|slot| new.iter().any(|it| it.overlaps(slot))).collect();
        let stay = before.iter().map(|it| it.slot).filter(|slot| is_in(after, *slot));
        let kept = stay.map(|slot| u64::from(row_cost(slot.ports))).sum();
        Self { row_cost, size_rows, kept, old, new }
    }

    fn cost(&self, slots: impl Iterator<Item = Slot>) -> u64 {
        slots.map(|slot| u64::from((self.row_cost)(slot.ports))).sum()
    }

    fn successors(&self, old: usize) -> BTreeSet<usize> {
        (0..self.new.len()).filter(|new| self.new[*new].overlaps(&self.old[old])).collect()
    }

    /// Whether all can come and go if these go first, each of the others once its successors are
    /// there: every order is tried.
    fn is_possible(&self, first: &BTreeSet<usize>) -> bool {
        let mut seen = BTreeSet::new();
        let mut todo = vec![(first.clone(), BTreeSet::new())];
        while let Some((gone, come)) = todo.pop() {
            if !seen.insert((gone.clone(), come.clone())) {
                continue;
            }
            let left = (0..self.old.len()).filter(|old| !gone.contains(old));
            let used = self.kept
                + self.cost(left.clone().map(|old| self.old[old]))
                + self.cost(come.iter().map(|new: &usize| self.new[*new]));
            if gone.len() == self.old.len() {
                let rest = (0..self.new.len()).filter(|new| !come.contains(new));
                return used + self.cost(rest.map(|new| self.new[new])) <= self.size_rows;
            }
            for old in left {
                let more: BTreeSet<usize> = come.union(&self.successors(old)).copied().collect();
                let added = self.cost(more.difference(&come).map(|new| self.new[*new]));
                if used + added <= self.size_rows {
                    let mut gone = gone.clone();
                    gone.insert(old);
                    todo.push((gone, more));
                }
            }
        }
        false
    }

    /// The fewest rows that have to go first; `None` if that is not enough.
    fn fewest_gaps(&self) -> Option<usize> {
        let subsets = (0_u32..1 << self.old.len()).map(|bits| -> BTreeSet<usize> {
            (0..self.old.len()).filter(|old| bits >> old & 1 == 1).collect()
        });
        subsets.filter(|first| self.is_possible(first)).map(|first| first.len()).min()
    }
}

fn ensured(store: &Store, generation: u64, mappings: Vec<Mapping>) -> Store {
    let ensure = Ensure {
        group: GroupName::new("a").unwrap(),
        generation: Generation::new(generation).unwrap(),
        mappings: SortedMappings::new(mappings).unwrap(),
        adopt: Adopt::None,
        reserve: None,
        max_removals: None,
        allow_empty: true,
    };
    store.ensure(&[ensure], &stamp(generation)).unwrap().next
}

/// Sets of one address family that overlap a lot.
fn any_set() -> impl Strategy<Value = Vec<Mapping>> {
    let of_v4 = |mappings: Vec<Mapping>| {
        let v4 = mappings.into_iter().filter(|it| it.slot.family() == nat_groups::Family::V4);
        without_overlaps(v4)
    };
    proptest::collection::vec(any_mapping(), 1..10).prop_map(of_v4)
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn no_order_leaves_fewer_gaps_than_the_plan(
        before in any_set(),
        after in any_set(),
        expands in any::<bool>(),
        slack in 0..4_u64,
    ) {
        let row_cost: RowCost = if expands { aligned_blocks } else { one_row };
        let store = Store::new(Limits::default(), row_cost, stamp(0));
        let old = ensured(&store, 1, before.clone());
        let next = ensured(&old, 2, after.clone());
        let size_rows = old.rows().v4.max(next.rows().v4) + slack;
        let roomy = Capacity { size_rows: PerFamily { v4: 1000, v6: 8 }, has_priorities: true };
        let start = Applied::empty(store);
        let applied = start.settled(&plan(&start, &old, Scope::All, &roomy).unwrap(), &old);
        let tight = Capacity { size_rows: PerFamily { v4: size_rows, v6: 8 }, ..roomy };
        let planned = plan(&applied, &next, Scope::All, &tight).unwrap();
        let way = Way::between(&before, &after, row_cost, size_rows);
        prop_assert_eq!(Some(planned.gaps().len()), way.fewest_gaps());
    }
}
