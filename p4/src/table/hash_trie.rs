//! A persistent hash map, in few steps through memory.
//!
//! A large table is larger than any cache, so that what a lookup costs is how often it has to go
//! elsewhere in memory, and what a change costs is how many things it shares with the map before
//! (each has a count of who has it, somewhere in memory). So the two upper levels, which caches
//! hold, have 64 branches; below them, where each branch is far away, nodes have 4; and a leaf has
//! up to eight values next to each other. 100,000 values are four steps away, two of them far.
//!
//! Whoever uses it hashes keys and compares them with what the values know of their own.

use std::sync::Arc;

use smallvec::SmallVec;

/// A map from hashes to values.
#[derive(Clone, Debug)]
pub(super) struct HashTrie<V> {
    root: Node<V>,
}

#[derive(Clone, Debug)]
enum Node<V> {
    Empty,
    Leaf(Arc<Leaf<V>>),
    Wide(Arc<[Node<V>; WIDE]>),
    Narrow(Arc<[Node<V>; NARROW]>),
}

/// Values with their hashes.
type Leaf<V> = SmallVec<[(u64, V); LEAF]>;

const WIDE: usize = 64;
const NARROW: usize = 4;
const LEAF: usize = 8;

/// How many levels have wide nodes.
const WIDE_LEVELS: u32 = 2;
const WIDE_BITS: u32 = WIDE.trailing_zeros();
const NARROW_BITS: u32 = NARROW.trailing_zeros();

/// How many levels there are until all bits of a hash are used.
const LEVELS: u32 = WIDE_LEVELS + (u64::BITS - WIDE_LEVELS * WIDE_BITS) / NARROW_BITS;

impl<V> Default for HashTrie<V> {
    fn default() -> HashTrie<V> {
        HashTrie { root: Node::Empty }
    }
}

impl<V: Clone> HashTrie<V> {
    /// The value with this hash that is the right one.
    pub(super) fn get(&self, hash: u64, is_it: impl Fn(&V) -> bool) -> Option<&V> {
        let mut node = &self.root;
        let mut level = 0;
        loop {
            node = match node {
                Node::Empty => return None,
                Node::Leaf(leaf) => {
                    let mut values = leaf.iter().filter(|(of_value, _)| *of_value == hash);
                    return values.find(|(_, value)| is_it(value)).map(|(_, value)| value);
                }
                Node::Wide(nodes) => nodes.get(branch(hash, level))?,
                Node::Narrow(nodes) => nodes.get(branch(hash, level))?,
            };
            level += 1;
        }
    }

    /// The same to be changed. What is shared on the way to it is copied, so ask only for what is
    /// there.
    pub(super) fn get_mut(&mut self, hash: u64, is_it: impl Fn(&V) -> bool) -> Option<&mut V> {
        let mut node = &mut self.root;
        let mut level = 0;
        loop {
            node = match node {
                Node::Empty => return None,
                Node::Leaf(leaf) => {
                    let values = Arc::make_mut(leaf).iter_mut();
                    let mut values = values.filter(|(of_value, _)| *of_value == hash);
                    return values.find(|(_, value)| is_it(value)).map(|(_, value)| value);
                }
                Node::Wide(nodes) => Arc::make_mut(nodes).get_mut(branch(hash, level))?,
                Node::Narrow(nodes) => Arc::make_mut(nodes).get_mut(branch(hash, level))?,
            };
            level += 1;
        }
    }

    /// Adds a value. The map does not have it yet.
    pub(super) fn insert_new(&mut self, hash: u64, value: V) {
        insert(&mut self.root, hash, value, 0);
    }

    /// Removes a value that the map has.
    pub(super) fn remove(&mut self, hash: u64, is_it: impl Fn(&V) -> bool) {
        remove(&mut self.root, hash, &is_it, 0);
    }

    /// All values, in no order.
    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a V)) {
        visit(&self.root, &mut |(_, value)| visitor(value));
    }

    /// Whether values are where their hashes lead and no node is without use.
    pub(super) fn is_sound(&self) -> bool {
        is_sound(&self.root, 0, 0)
    }
}

/// Which branch of a node at a level leads to a hash: the highest bits come first.
fn branch(hash: u64, level: u32) -> usize {
    let rest = hash.checked_shl(bits_above(level)).unwrap_or(0);
    (rest >> (u64::BITS - bits_of(level))) as usize
}

fn bits_of(level: u32) -> u32 {
    if level < WIDE_LEVELS { WIDE_BITS } else { NARROW_BITS }
}

/// How many bits the levels above have used.
fn bits_above(level: u32) -> u32 {
    let wide = level.min(WIDE_LEVELS);
    wide * WIDE_BITS + (level - wide) * NARROW_BITS
}

fn empty<V>(level: u32) -> Node<V> {
    if level < WIDE_LEVELS {
        Node::Wide(Arc::new(std::array::from_fn(|_| Node::Empty)))
    } else {
        Node::Narrow(Arc::new(std::array::from_fn(|_| Node::Empty)))
    }
}

fn insert<V: Clone>(node: &mut Node<V>, hash: u64, value: V, level: u32) {
    let next = match node {
        Node::Empty => {
            *node = Node::Leaf(Arc::new(SmallVec::from_iter([(hash, value)])));
            return;
        }
        Node::Leaf(leaf) if leaf.len() < LEAF || level >= LEVELS => {
            Arc::make_mut(leaf).push((hash, value));
            return;
        }
        Node::Leaf(leaf) => {
            let full = Arc::clone(leaf);
            *node = empty(level);
            for (hash, value) in full.iter() {
                insert(node, *hash, value.clone(), level);
            }
            return insert(node, hash, value, level);
        }
        Node::Wide(nodes) => Arc::make_mut(nodes).get_mut(branch(hash, level)),
        Node::Narrow(nodes) => Arc::make_mut(nodes).get_mut(branch(hash, level)),
    };
    if let Some(next) = next {
        insert(next, hash, value, level + 1);
    }
}

fn remove<V: Clone>(node: &mut Node<V>, hash: u64, is_it: &dyn Fn(&V) -> bool, level: u32) {
    let is_unused = match node {
        Node::Empty => false,
        Node::Leaf(leaf) => {
            let values = Arc::make_mut(leaf);
            values.retain(|(of_value, value)| *of_value != hash || !is_it(value));
            values.is_empty()
        }
        Node::Wide(nodes) => {
            let nodes = Arc::make_mut(nodes);
            if let Some(next) = nodes.get_mut(branch(hash, level)) {
                remove(next, hash, is_it, level + 1);
            }
            nodes.iter().all(|node| matches!(node, Node::Empty))
        }
        Node::Narrow(nodes) => {
            let nodes = Arc::make_mut(nodes);
            if let Some(next) = nodes.get_mut(branch(hash, level)) {
                remove(next, hash, is_it, level + 1);
            }
            let small = few_values(nodes.as_slice());
            if let Some(small) = small {
                *node = if small.is_empty() { Node::Empty } else { Node::Leaf(Arc::new(small)) };
            }
            false
        }
    };
    if is_unused {
        *node = Node::Empty;
    }
}

/// The values of some nodes, if they are no more than half a leaf.
fn few_values<V: Clone>(nodes: &[Node<V>]) -> Option<Leaf<V>> {
    let length = |node: &Node<V>| match node {
        Node::Empty => Some(0),
        Node::Leaf(leaf) => Some(leaf.len()),
        Node::Wide(_) | Node::Narrow(_) => None,
    };
    let total = nodes.iter().map(length).sum::<Option<usize>>()?;
    let leaves = nodes.iter().filter_map(|node| match node {
        Node::Leaf(leaf) => Some(leaf.iter().cloned()),
        Node::Empty | Node::Wide(_) | Node::Narrow(_) => None,
    });
    (total <= LEAF / 2).then(|| leaves.flatten().collect())
}

fn visit<'a, V>(node: &'a Node<V>, visitor: &mut dyn FnMut(&'a (u64, V))) {
    match node {
        Node::Empty => {}
        Node::Leaf(leaf) => leaf.iter().for_each(visitor),
        Node::Wide(nodes) => nodes.iter().for_each(|node| visit(node, visitor)),
        Node::Narrow(nodes) => nodes.iter().for_each(|node| visit(node, visitor)),
    }
}

/// `above` is what the hashes of all values below have in common, as the branches say.
fn is_sound<V: Clone>(node: &Node<V>, level: u32, above: u64) -> bool {
    let all = |nodes: &[Node<V>]| {
        let shift = u64::BITS - bits_above(level + 1);
        let mut numbered = (0..).zip(nodes);
        numbered.all(|(number, node): (u64, _)| is_sound(node, level + 1, above | number << shift))
    };
    let unused = u64::MAX.checked_shr(bits_above(level)).unwrap_or(0);
    match node {
        Node::Empty => true,
        Node::Leaf(leaf) => {
            let is_right = |(hash, _): &(u64, V)| hash & !unused == above;
            !leaf.is_empty() && (leaf.len() <= LEAF || level >= LEVELS) && leaf.iter().all(is_right)
        }
        Node::Wide(nodes) => {
            let is_used = !nodes.iter().all(|node| matches!(node, Node::Empty));
            level < WIDE_LEVELS && is_used && all(nodes.as_slice())
        }
        Node::Narrow(nodes) => {
            let is_used = few_values(nodes.as_slice()).is_none();
            level >= WIDE_LEVELS && is_used && all(nodes.as_slice())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Hashes that meet each other, in some bits or in all.
        #[test]
        fn it_is_what_a_list_is(
            steps in prop::collection::vec((any::<bool>(), 0..24_u8, 0..6_u64), 1..400),
        ) {
            let mut trie = HashTrie::default();
            let mut list: Vec<(u64, u8)> = Vec::new();
            for (is_insert, value, pick) in steps {
                let hash = [0, 1, u64::MAX, 1 << 63, 0x0fff << 52, 1 << 50][pick as usize];
                let place = list.iter().position(|one| *one == (hash, value));
                match (is_insert, place) {
                    (true, None) => {
                        trie.insert_new(hash, value);
                        list.push((hash, value));
                    }
                    (false, Some(place)) => {
                        trie.remove(hash, |one| *one == value);
                        list.swap_remove(place);
                    }
                    (true, Some(_)) => {
                        let found = trie.get_mut(hash, |one| *one == value).copied();
                        prop_assert_eq!(found, Some(value));
                    }
                    (false, None) => prop_assert_eq!(trie.get(hash, |one| *one == value), None),
                }
                prop_assert!(trie.is_sound());
                let mut values = Vec::new();
                trie.visit(&mut |value| values.push(*value));
                let mut wanted: Vec<u8> = list.iter().map(|(_, value)| *value).collect();
                values.sort_unstable();
                wanted.sort_unstable();
                prop_assert_eq!(values, wanted);
                for (hash, value) in &list {
                    prop_assert_eq!(trie.get(*hash, |one| one == value), Some(value));
                }
            }
        }
    }
}
