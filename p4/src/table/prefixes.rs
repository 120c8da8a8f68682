//! The longest prefix of a value: a persistent trie of four bits a step.
//!
//! A node stands for the bits on the way to it. It holds the prefixes that end less than a step
//! further on, by their place in a heap (the prefix of no bits is 1, those of one bit 2 and 3, of
//! two bits 4 to 7, of three 8 to 15), and the nodes one step or, where a stretch has no branch,
//! many steps further on. Both lists hold only what is there, found by counting the bits of a map.
//! A lookup costs a node for four bits at most, and no more than there are branches on the way.

use std::sync::Arc;

use smallvec::SmallVec;

use super::entry::Entry;

const STEP: u32 = 4;
const BITS: u32 = u128::BITS;

/// The prefixes that the other elements of a key lead to. Values are here with their highest bit
/// at the top, whatever their width.
#[derive(Clone, Debug)]
pub(super) struct Prefixes {
    root: Option<Arc<Node>>,
}

#[derive(Clone, Debug)]
struct Node {
    /// The bits on the way to it, zero behind them.
    bits: u128,
    /// How many: a multiple of the step.
    depth: u32,
    /// Which places of the heap are in `entries`.
    entry_map: u16,
    /// Which values of the next four bits have a node.
    child_map: u16,
    entries: SmallVec<[Arc<Entry>; 1]>,
    /// As many as nodes far from the root have are here, without going elsewhere in memory.
    children: SmallVec<[Arc<Node>; 4]>,
}

impl Prefixes {
    /// One prefix.
    pub(super) fn one(value: u128, length: u32, entry: Arc<Entry>) -> Prefixes {
        Prefixes { root: Some(Arc::new(Node::leaf(value, length, entry))) }
    }

    /// Whether it is one prefix.
    pub(super) fn is_one(&self) -> bool {
        self.root.as_ref().is_none_or(|root| root.entries.len() == 1 && root.children.is_empty())
    }

    /// An entry, whichever.
    pub(super) fn any(&self) -> Option<&Arc<Entry>> {
        let mut node = self.root.as_ref()?;
        while node.entries.is_empty() {
            node = node.children.first()?;
        }
        node.entries.first()
    }

    /// The entry with the longest prefix of the value.
    pub(super) fn longest(&self, value: u128) -> Option<&Arc<Entry>> {
        let mut best = None;
        let mut link = self.root.as_ref();
        while let Some(node) = link {
            if !node.leads_to(value) {
                break;
            }
            let next = node.next(value);
            best = node.longest(next).or(best);
            link = node.child(next);
        }
        best
    }

    /// The entry with this very prefix.
    pub(super) fn find(&self, value: u128, length: u32) -> Option<&Arc<Entry>> {
        let mut link = self.root.as_ref();
        while let Some(node) = link {
            if node.depth > length || !node.leads_to(value) {
                return None;
            }
            if length < node.depth + STEP {
                return node.entry(heap_place(node.next(value), length - node.depth));
            }
            link = node.child(node.next(value));
        }
        None
    }

    /// Puts an entry at a prefix, in place of the one there.
    pub(super) fn insert(&mut self, value: u128, length: u32, entry: Arc<Entry>) {
        match &mut self.root {
            Some(root) => insert(root, value, length, entry),
            None => self.root = Some(Arc::new(Node::leaf(value, length, entry))),
        }
    }

    /// Removes the entry at a prefix.
    pub(super) fn remove(&mut self, value: u128, length: u32) -> Option<Arc<Entry>> {
        remove(&mut self.root, value, length)
    }

    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Arc<Entry>)) {
        if let Some(root) = &self.root {
            root.visit(visitor);
        }
    }

    /// Whether every node is where it has to be and none is without use.
    pub(super) fn is_sound(&self) -> bool {
        self.root.as_ref().is_some_and(|root| root.is_sound())
    }
}

impl Node {
    fn new(bits: u128, depth: u32) -> Node {
        let (entries, children) = (SmallVec::new(), SmallVec::new());
        Node {
            bits: bits & leading_ones(depth),
            depth,
            entry_map: 0,
            child_map: 0,
            entries,
            children,
        }
    }

    fn leaf(value: u128, length: u32, entry: Arc<Entry>) -> Node {
        let mut node = Node::new(value, depth_of(length));
        node.put_entry(heap_place(node.next(value), length - node.depth), entry);
        node
    }

    fn leads_to(&self, value: u128) -> bool {
        (value ^ self.bits) & leading_ones(self.depth) == 0
    }

    /// The four bits of the value behind this node.
    fn next(&self, value: u128) -> u32 {
        value.checked_shl(self.depth).map_or(0, |rest| (rest >> (BITS - STEP)) as u32)
    }

    fn longest(&self, next: u32) -> Option<&Arc<Entry>> {
        if self.entry_map == 0 {
            return None;
        }
        (0..STEP).rev().find_map(|length| self.entry(heap_place(next, length)))
    }

    fn entry(&self, place: u32) -> Option<&Arc<Entry>> {
        let rank = rank(self.entry_map, place)?;
        self.entries.get(rank.ok()?)
    }

    fn child(&self, next: u32) -> Option<&Arc<Node>> {
        let rank = rank(self.child_map, next)?;
        self.children.get(rank.ok()?)
    }

    fn put_child(&mut self, next: u32, child: Arc<Node>) {
        match rank(self.child_map, next) {
            Some(Ok(place)) => {
                if let Some(slot) = self.children.get_mut(place) {
                    *slot = child;
                }
            }
            Some(Err(place)) => {
                self.children.insert(place, child);
                self.child_map |= 1 << next;
            }
            None => {}
        }
    }

    fn put_entry(&mut self, place: u32, entry: Arc<Entry>) {
        match rank(self.entry_map, place) {
            Some(Ok(rank)) => {
                if let Some(slot) = self.entries.get_mut(rank) {
                    *slot = entry;
                }
            }
            Some(Err(rank)) => {
                self.entries.insert(rank, entry);
                self.entry_map |= 1 << place;
            }
            None => {}
        }
    }

    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Arc<Entry>)) {
        self.entries.iter().for_each(&mut *visitor);
        self.children.iter().for_each(|child| child.visit(visitor));
    }

    fn is_sound(&self) -> bool {
        let is_used = !self.entries.is_empty() || self.children.len() > 1;
        let next = (0..1 << STEP).filter(|next| self.child_map & (1 << next) != 0);
        is_used
            && self.depth.is_multiple_of(STEP)
            && self.bits & !leading_ones(self.depth) == 0
            && self.entries.len() == self.entry_map.count_ones() as usize
            && self.children.len() == self.child_map.count_ones() as usize
            && next.zip(&self.children).all(|(next, child)| {
                child.depth > self.depth
                    && self.leads_to(child.bits)
                    && self.next(child.bits) == next
                    && child.is_sound()
            })
    }
}

fn insert(shared: &mut Arc<Node>, value: u128, length: u32, entry: Arc<Entry>) {
    let depth = depth_of(length);
    let common = (value ^ shared.bits).leading_zeros().min(depth);
    if common < shared.depth {
        // The node stands further on or elsewhere: another is put where the ways part.
        let mut fork = Node::new(value, depth_of(common));
        fork.put_child(fork.next(shared.bits), Arc::clone(shared));
        *shared = Arc::new(fork);
    }
    let node = Arc::make_mut(shared);
    if depth == node.depth {
        node.put_entry(heap_place(node.next(value), length - depth), entry);
        return;
    }
    let next = node.next(value);
    match rank(node.child_map, next).and_then(Result::ok) {
        Some(rank) => {
            if let Some(child) = node.children.get_mut(rank) {
                insert(child, value, length, entry);
            }
        }
        None => node.put_child(next, Arc::new(Node::leaf(value, length, entry))),
    }
}

fn remove(link: &mut Option<Arc<Node>>, value: u128, length: u32) -> Option<Arc<Entry>> {
    let shared = link.as_mut()?;
    if shared.depth > length || !shared.leads_to(value) {
        return None;
    }
    let next = shared.next(value);
    let removed = if length < shared.depth + STEP {
        let place = heap_place(next, length - shared.depth);
        let rank = rank(shared.entry_map, place)?.ok()?;
        let node = Arc::make_mut(shared);
        node.entry_map &= !(1 << place);
        node.entries.remove(rank)
    } else {
        let rank = rank(shared.child_map, next)?.ok()?;
        let mut child = shared.children.get(rank).cloned();
        let removed = remove(&mut child, value, length)?;
        let node = Arc::make_mut(shared);
        match child {
            Some(child) => node.put_child(next, child),
            None => {
                node.child_map &= !(1 << next);
                node.children.remove(rank);
            }
        }
        removed
    };
    if shared.entries.is_empty() && shared.children.len() < 2 {
        *link = shared.children.first().cloned();
    }
    Some(removed)
}

/// Where a place stands in a list of those in the map, or would; none if it is beyond the map.
fn rank(map: u16, place: u32) -> Option<Result<usize, usize>> {
    let bit = 1_u16.checked_shl(place)?;
    let before = (map & (bit - 1)).count_ones() as usize;
    Some(if map & bit != 0 { Ok(before) } else { Err(before) })
}

/// Where a prefix is held.
fn depth_of(length: u32) -> u32 {
    length - length % STEP
}

fn heap_place(next: u32, length: u32) -> u32 {
    (1 << length) | (next >> (STEP - length))
}

fn leading_ones(count: u32) -> u128 {
    u128::MAX.checked_shl(BITS - count.min(BITS)).unwrap_or(0)
}
