//! The order in which one table's rows come and go.

use crate::applied::{Applied, DeviceRow};
use crate::fewest_gaps::{Contender, MOST_CONTENDERS, Order, fewest_gaps};
use crate::removal::Cluster;
use crate::slot::Slot;
use crate::store::Store;
use std::collections::{BTreeMap, VecDeque};

/// The rounds in which rows come, and go once they are superseded. One is enough if all that comes
/// finds room beside what it supersedes. Otherwise each round comes into the room that the one
/// before left, so that few rows or none have to go before their successors are there.
#[derive(Default)]
pub(crate) struct Schedule {
    pub(crate) rounds: Vec<Round>,
    /// The slots of the rows that go early.
    pub(crate) gaps: Vec<Slot>,
}

/// A part of a schedule.
#[derive(Default)]
pub(crate) struct Round {
    /// Rows that had better wait, but whose room is needed: before anything comes.
    pub(crate) early: Vec<Cluster>,
    /// Rows that come.
    pub(crate) insert: Vec<DeviceRow>,
    /// Rows all of whose successors have come.
    pub(crate) late: Vec<Cluster>,
}

impl Schedule {
    /// The schedule for a table that has `room`. The error says how many rows it is short of.
    pub(crate) fn new(
        applied: &Applied,
        next: &Store,
        insert: Vec<DeviceRow>,
        superseded: Vec<Cluster>,
        room: u64,
        has_priorities: bool,
    ) -> Result<Self, u64> {
        let needed: u64 = insert.iter().map(|row| applied.cost(&row.slot)).sum();
        if insert.is_empty() || (has_priorities && needed <= room) {
            let round = Round { early: Vec::new(), insert, late: superseded };
            return Ok(Self { rounds: vec![round], gaps: Vec::new() });
        }
        let mut squeeze = Squeeze {
            applied,
            next,
            coming: insert.into_iter().map(|row| (row.slot, row)).collect(),
            room,
            released: 0,
            schedule: Self { rounds: vec![Round::default()], gaps: Vec::new() },
        };
        if has_priorities {
            squeeze.supersede_all(superseded);
        } else {
            superseded.into_iter().for_each(|cluster| squeeze.give_way(cluster));
        }
        squeeze.finish()
    }

    /// Both at once, round by round.
    pub(crate) fn join(&mut self, other: Schedule) {
        let Schedule { rounds, gaps } = other;
        self.gaps.extend(gaps);
        for (index, round) in rounds.into_iter().enumerate() {
            match self.rounds.get_mut(index) {
                Some(beside) => {
                    let Round { early, insert, late } = round;
                    beside.early.extend(early);
                    beside.insert.extend(insert);
                    beside.late.extend(late);
                }
                None => self.rounds.push(round),
            }
        }
    }
}

/// A schedule in the making, for a table that has not room for everything at once.
struct Squeeze<'a> {
    applied: &'a Applied,
    next: &'a Store,
    /// What has not come yet.
    coming: BTreeMap<Slot, DeviceRow>,
    /// The room that there is in the last round.
    room: u64,
    /// The room that the last round leaves besides.
    released: u64,
    schedule: Schedule,
}

/// Rows that wait for their successors.
struct Waiting {
    cluster: Cluster,
    /// The rows that their successors take.
    needed: u64,
    /// The rows that they leave.
    released: u64,
}

impl Squeeze<'_> {
    /// Has these rows superseded one after the other, with the fewest gaps. If there are too many to
    /// try all orders, it is so of the last ones only. Before that, where nothing finds room beside
    /// what it supersedes, the rows that take the most room go early.
    fn supersede_all(&mut self, clusters: Vec<Cluster>) {
        let mut waiting: Vec<Waiting> = clusters
            .into_iter()
            .map(|cluster| Waiting {
                needed: self.needed(&cluster),
                released: self.released_by(&cluster),
                cluster,
            })
            .collect();
        // What leaves more room than it needs makes room for the rest, so it comes first, and of
        // that what needs the least; of the rest, what leaves the most.
        waiting.sort_by_key(|it| match it.needed <= it.released {
            true => (false, it.needed),
            false => (true, u64::MAX - it.released),
        });
        let mut waiting = VecDeque::from(waiting);
        while let Some(first) = waiting.front() {
            if let Some(order) = self.best_order(&waiting) {
                return self.follow(order, waiting);
            }
            let needed = self.needed(&first.cluster);
            if self.has_room(needed) {
                waiting.pop_front().into_iter().for_each(|it| self.supersede(it.cluster));
            } else {
                let largest = |index: &usize| (waiting[*index].released, waiting[*index].needed);
                let gives_way = (0..waiting.len()).max_by_key(largest);
                let gives_way = gives_way.and_then(|index| waiting.remove(index));
                gives_way.into_iter().for_each(|it| self.give_way(it.cluster));
            }
        }
    }

    /// The order with the fewest gaps, if there are not too many to try all.
    fn best_order(&self, waiting: &VecDeque<Waiting>) -> Option<Order> {
        if waiting.len() > MOST_CONTENDERS {
            return None;
        }
        let mut known = BTreeMap::<Slot, u64>::new();
        let mut costs = Vec::new();
        let mut contenders = Vec::new();
        for Waiting { cluster, released, needed: _ } in waiting {
            let mut successors = 0;
            for slot in self.successors(cluster) {
                let bit = *known.entry(slot).or_insert_with(|| {
                    costs.push(self.applied.cost(&slot));
                    costs.len() as u64 - 1
                });
                successors |= 1_u64.checked_shl(u32::try_from(bit).ok()?)?;
            }
            let gaps = cluster.iter().filter(|row| self.leaves_gap(row.slot)).count() as u64;
            contenders.push(Contender { released: *released, gaps, successors });
        }
        fewest_gaps(&contenders, &costs, self.room + self.released)
    }

    fn follow(&mut self, order: Order, waiting: VecDeque<Waiting>) {
        let mut waiting: Vec<Option<Cluster>> =
            waiting.into_iter().map(|it| Some(it.cluster)).collect();
        let mut take = |index: usize| waiting.get_mut(index).and_then(Option::take);
        let Order { early, then } = order;
        for cluster in early.into_iter().filter_map(&mut take) {
            self.give_way(cluster);
        }
        for cluster in then.into_iter().filter_map(&mut take) {
            // A new round is begun where one is needed.
            self.has_room(self.needed(&cluster));
            self.supersede(cluster);
        }
    }

    /// Whether the last round has room for so many rows. A round more is begun if that helps.
    fn has_room(&mut self, needed: u64) -> bool {
        if needed > self.room && self.released > 0 {
            self.room += std::mem::take(&mut self.released);
            self.schedule.rounds.push(Round::default());
        }
        needed <= self.room
    }

    /// Has the successors come, and then the rows go.
    fn supersede(&mut self, cluster: Cluster) {
        let slots = self.successors(&cluster);
        let insert: Vec<DeviceRow> =
            slots.iter().filter_map(|slot| self.coming.remove(slot)).collect();
        self.room -= insert.iter().map(|row| self.applied.cost(&row.slot)).sum::<u64>();
        self.released += self.released_by(&cluster);
        if let Some(round) = self.schedule.rounds.last_mut() {
            round.insert.extend(insert);
            round.late.push(cluster);
        }
    }

    /// Has the rows go at once, before their successors come.
    fn give_way(&mut self, cluster: Cluster) {
        let slots = cluster.iter().map(|row| row.slot);
        let gaps: Vec<Slot> = slots.filter(|slot| self.leaves_gap(*slot)).collect();
        self.schedule.gaps.extend(gaps);
        self.room += self.released_by(&cluster);
        if let Some(round) = self.schedule.rounds.last_mut() {
            round.early.push(cluster);
        }
    }

    /// Has the rest come.
    fn finish(mut self) -> Result<Schedule, u64> {
        let needed = self.coming.keys().map(|slot| self.applied.cost(slot)).sum();
        if !self.has_room(needed) {
            return Err(needed - self.room);
        }
        if let Some(round) = self.schedule.rounds.last_mut() {
            round.insert.extend(self.coming.into_values());
        }
        Ok(self.schedule)
    }

    fn needed(&self, cluster: &Cluster) -> u64 {
        self.successors(cluster).iter().map(|slot| self.applied.cost(slot)).sum()
    }

    fn released_by(&self, cluster: &Cluster) -> u64 {
        cluster.iter().map(|row| self.applied.cost(&row.slot)).sum()
    }

    /// The successors of these rows that have not come yet, each once.
    fn successors(&self, cluster: &Cluster) -> Vec<Slot> {
        let mut successors: Vec<Slot> =
            cluster.iter().flat_map(|row| self.successors_of(row.slot)).collect();
        successors.sort_unstable();
        successors.dedup();
        successors
    }

    /// Whether packets to a slot find nothing for a while if its row goes now.
    fn leaves_gap(&self, slot: Slot) -> bool {
        self.successors_of(slot).next().is_some()
    }

    fn successors_of(&self, slot: Slot) -> impl Iterator<Item = Slot> + '_ {
        let successors = self.next.owners.overlapping(slot).map(|(successor, _)| successor);
        successors.filter(|successor| self.coming.contains_key(successor))
    }
}
