//! Of all ways to exchange rows in a table with hardly any room, one with the fewest gaps.

/// Rows that go together, in a table where they have successors to wait for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    /// The table rows that they leave.
    pub(crate) released: u64,
    /// How many slots have a gap if they go before their successors come.
    pub(crate) gaps: u64,
    /// Their successors, each a bit: those that several share are the same.
    pub(crate) successors: u64,
}

/// Which contenders go first, and in which order the others are superseded then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) early: Vec<usize>,
    pub(crate) then: Vec<usize>,
}

/// So many contenders are tried in all ways: there are as many as three to this power, some 60,000.
pub(crate) const MOST_CONTENDERS: usize = 10;

/// An order with the fewest gaps, by trying all. `costs` are the table rows of each successor, and
/// `room` the free ones.
///
/// What of the new rows is still to come at the end is no matter here: whether there is room for it
/// does not depend on the order.
///
/// `None` for more than [`MOST_CONTENDERS`], or more successors than there are bits: then this would
/// take too long.
pub(crate) fn fewest_gaps(contenders: &[Contender], costs: &[u64], room: u64) -> Option<Order> {
    if contenders.len() > MOST_CONTENDERS || costs.len() > u64::BITS as usize {
        return None;
    }
    let search = Search { contenders, costs, room };
    let all = (1_u32 << contenders.len()) - 1;
    let mut early_sets: Vec<u32> = (0..=all).collect();
    // Of as many gaps, those that leave the least room: what is superseded in place is the more.
    early_sets.sort_by_key(|&early| (search.gaps(early), search.released(early)));
    early_sets.into_iter().find_map(|early| {
        let then = search.superseded_after(early, all & !early)?;
        Some(Order { early: search.members(early).collect(), then })
    })
}

struct Search<'a> {
    contenders: &'a [Contender],
    costs: &'a [u64],
    room: u64,
}

impl Search<'_> {
    /// The order in which the others can be superseded, none of them with a gap, once `early` are
    /// gone; `None` if there is no such order.
    fn superseded_after(&self, early: u32, others: u32) -> Option<Vec<usize>> {
        let room = self.room + self.released(early);
        // From which set of superseded ones each other set was reached, and by which step.
        let mut reached = vec![None; (others as usize) + 1];
        let mut todo = vec![0_u32];
        while let Some(done) = todo.pop() {
            if done == others {
                return Some(self.steps_to(done, &reached));
            }
            let come = self.successors(done);
            let free = (room + self.released(done)).checked_sub(self.cost(come))?;
            for next in self.members(others & !done) {
                let after = done | 1 << next;
                let needed = self.cost(self.contenders[next].successors & !come);
                if needed <= free && reached[after as usize].is_none() {
                    reached[after as usize] = Some(next);
                    todo.push(after);
                }
            }
        }
        None
    }

    fn steps_to(&self, mut done: u32, reached: &[Option<usize>]) -> Vec<usize> {
        let mut steps = Vec::new();
        while let Some(step) = reached.get(done as usize).copied().flatten() {
            steps.push(step);
            done &= !(1 << step);
        }
        steps.reverse();
        steps
    }

    fn members(&self, set: u32) -> impl Iterator<Item = usize> + use<> {
        (0..self.contenders.len()).filter(move |index| set >> index & 1 == 1)
    }

    fn released(&self, set: u32) -> u64 {
        self.members(set).map(|index| self.contenders[index].released).sum()
    }

    fn gaps(&self, set: u32) -> u64 {
        self.members(set).map(|index| self.contenders[index].gaps).sum()
    }

    fn successors(&self, set: u32) -> u64 {
        self.members(set).fold(0, |all, index| all | self.contenders[index].successors)
    }

    fn cost(&self, successors: u64) -> u64 {
        let costs = self.costs.iter().enumerate();
        costs.filter(|(bit, _)| successors >> bit & 1 == 1).map(|(_, cost)| cost).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contender(released: u64, successors: u64) -> Contender {
        Contender { released, gaps: 1, successors }
    }

    #[test]
    fn what_makes_room_for_the_others_is_superseded_first() {
        // Three rows for one, then one for two, with room for one.
        let contenders = [contender(1, 0b11), contender(3, 0b100)];
        let order = fewest_gaps(&contenders, &[1, 1, 1], 1);
        assert_eq!(order, Some(Order { early: vec![], then: vec![1, 0] }));
    }

    #[test]
    fn one_gap_may_do_for_all() {
        // Each needs two and leaves two, with room for one.
        let contenders = [contender(2, 0b1), contender(2, 0b10), contender(2, 0b100)];
        let Order { early, then } = fewest_gaps(&contenders, &[2, 2, 2], 1).unwrap();
        assert_eq!((early.len(), then.len()), (1, 2));
    }

    #[test]
    fn a_successor_that_several_share_comes_once() {
        let contenders = [contender(1, 0b1), contender(1, 0b1)];
        let order = fewest_gaps(&contenders, &[2], 2).unwrap();
        assert_eq!(order.early, []);
    }

    #[test]
    fn so_many_that_trying_all_takes_too_long_are_left_to_others() {
        let contenders = [contender(1, 0b1); MOST_CONTENDERS + 1];
        assert_eq!(fewest_gaps(&contenders, &[1], 0), None);
        assert!(fewest_gaps(&contenders[1..], &[1], 0).is_some());
    }
}
