//! A persistent ordered map that keeps a summary of every subtree.
//!
//! It is a treap (Aragon and Seidel, 1989): a search tree by key and a heap by weights that are as
//! good as random, which keeps it as deep as a logarithm of its size. A change copies the nodes on
//! the way to it, unless nobody else has them. Lookups by summary are written by whoever knows
//! what the summary says, on the nodes.

use std::cmp::Ordering;
use std::sync::Arc;

/// What is known of all the values in a subtree.
pub(super) trait Summary<K, V>: Clone {
    /// Of one value.
    fn of(key: &K, value: &V) -> Self;

    /// Of two subtrees together.
    fn join(self, other: &Self) -> Self;
}

impl<K, V> Summary<K, V> for () {
    fn of(_: &K, _: &V) -> Self {}

    fn join(self, (): &Self) -> Self {}
}

/// The map.
#[derive(Clone, Debug)]
pub(super) struct Treap<K, V, S = ()> {
    root: Link<K, V, S>,
}

type Link<K, V, S> = Option<Arc<Node<K, V, S>>>;

#[derive(Clone, Debug)]
pub(super) struct Node<K, V, S> {
    pub(super) key: K,
    pub(super) value: V,
    /// Of this node and all below it.
    pub(super) summary: S,
    pub(super) left: Link<K, V, S>,
    pub(super) right: Link<K, V, S>,
    weight: u64,
}

impl<K, V, S> Default for Treap<K, V, S> {
    fn default() -> Self {
        Treap { root: None }
    }
}

impl<K: Ord + Clone, V: Clone, S: Summary<K, V>> Treap<K, V, S> {
    pub(super) fn root(&self) -> Option<&Node<K, V, S>> {
        self.root.as_deref()
    }

    /// Puts a value at a key, in place of the one there. The weight must be the same for the same
    /// key and as good as random, such as a hash of the key.
    pub(super) fn insert(&mut self, key: K, value: V, weight: u64) {
        let summary = S::of(&key, &value);
        insert(&mut self.root, Node { key, value, summary, left: None, right: None, weight });
    }

    /// Removes what stands where `place` finds it equal, given that it orders keys as the tree
    /// does: `Less` if a key is before the place.
    pub(super) fn remove_by(&mut self, place: &impl Fn(&K) -> Ordering) -> Option<V> {
        remove(&mut self.root, place)
    }

    /// What stands where `place` finds it equal; see [`Treap::remove_by`].
    pub(super) fn get_by(&self, place: &impl Fn(&K) -> Ordering) -> Option<&V> {
        let mut link = self.root();
        while let Some(node) = link {
            link = match place(&node.key) {
                Ordering::Less => node.right.as_deref(),
                Ordering::Greater => node.left.as_deref(),
                Ordering::Equal => return Some(&node.value),
            };
        }
        None
    }

    /// The first value in the order of the keys that is accepted.
    pub(super) fn first<'a>(&'a self, accepts: &mut dyn FnMut(&'a V) -> bool) -> Option<&'a V> {
        first(self.root(), accepts)
    }

    /// All of them in the order of the keys.
    pub(super) fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a K, &'a V)) {
        visit(self.root(), visitor);
    }

    /// Whether keys, weights and summaries are in order; `same` compares summaries.
    pub(super) fn is_sound(&self, same: &impl Fn(&S, &S) -> bool) -> bool {
        self.root().is_none_or(|root| is_sound(root, same))
    }
}

impl<K, V, S: Summary<K, V>> Node<K, V, S> {
    fn refresh(&mut self) {
        let mut summary = S::of(&self.key, &self.value);
        for below in [&self.left, &self.right].into_iter().flatten() {
            summary = summary.join(&below.summary);
        }
        self.summary = summary;
    }
}

fn insert<K: Ord + Clone, V: Clone, S: Summary<K, V>>(
    link: &mut Link<K, V, S>,
    mut new: Node<K, V, S>,
) {
    match link {
        Some(node) if (node.weight, &node.key) >= (new.weight, &new.key) => {
            let node = Arc::make_mut(node);
            match new.key.cmp(&node.key) {
                Ordering::Less => insert(&mut node.left, new),
                Ordering::Greater => insert(&mut node.right, new),
                Ordering::Equal => node.value = new.value,
            }
            node.refresh();
        }
        _ => {
            (new.left, new.right) = split(link.take(), &new.key);
            new.refresh();
            *link = Some(Arc::new(new));
        }
    }
}

fn remove<K: Ord + Clone, V: Clone, S: Summary<K, V>>(
    link: &mut Link<K, V, S>,
    place: &impl Fn(&K) -> Ordering,
) -> Option<V> {
    let ordering = place(&link.as_ref()?.key);
    let node = Arc::make_mut(link.as_mut()?);
    let removed = match ordering {
        Ordering::Less => remove(&mut node.right, place),
        Ordering::Greater => remove(&mut node.left, place),
        Ordering::Equal => {
            let value = node.value.clone();
            *link = merge(node.left.take(), node.right.take());
            return Some(value);
        }
    };
    node.refresh();
    removed
}

/// What is before the key and what is behind it; the key is not in the tree.
fn split<K: Ord + Clone, V: Clone, S: Summary<K, V>>(
    link: Link<K, V, S>,
    key: &K,
) -> (Link<K, V, S>, Link<K, V, S>) {
    let Some(mut shared) = link else { return (None, None) };
    let node = Arc::make_mut(&mut shared);
    if node.key < *key {
        let (before, behind) = split(node.right.take(), key);
        node.right = before;
        node.refresh();
        (Some(shared), behind)
    } else {
        let (before, behind) = split(node.left.take(), key);
        node.left = behind;
        node.refresh();
        (before, Some(shared))
    }
}

/// Both in one, all keys of the first before those of the second.
fn merge<K: Ord + Clone, V: Clone, S: Summary<K, V>>(
    before: Link<K, V, S>,
    behind: Link<K, V, S>,
) -> Link<K, V, S> {
    match (before, behind) {
        (None, only) | (only, None) => only,
        (Some(mut left), Some(mut right)) => {
            if (left.weight, &left.key) >= (right.weight, &right.key) {
                let node = Arc::make_mut(&mut left);
                node.right = merge(node.right.take(), Some(right));
                node.refresh();
                Some(left)
            } else {
                let node = Arc::make_mut(&mut right);
                node.left = merge(Some(left), node.left.take());
                node.refresh();
                Some(right)
            }
        }
    }
}

fn first<'a, K, V, S>(
    link: Option<&'a Node<K, V, S>>,
    accepts: &mut dyn FnMut(&'a V) -> bool,
) -> Option<&'a V> {
    let node = link?;
    if let Some(found) = first(node.left.as_deref(), accepts) {
        return Some(found);
    }
    if accepts(&node.value) {
        return Some(&node.value);
    }
    first(node.right.as_deref(), accepts)
}

fn visit<'a, K, V, S>(link: Option<&'a Node<K, V, S>>, visitor: &mut dyn FnMut(&'a K, &'a V)) {
    if let Some(node) = link {
        visit(node.left.as_deref(), visitor);
        visitor(&node.key, &node.value);
        visit(node.right.as_deref(), visitor);
    }
}

fn is_sound<K: Ord + Clone, V: Clone, S: Summary<K, V>>(
    node: &Node<K, V, S>,
    same: &impl Fn(&S, &S) -> bool,
) -> bool {
    let mut fresh = node.clone();
    fresh.refresh();
    let is_heap = |below: &Node<K, V, S>| {
        (below.weight, &below.key) < (node.weight, &node.key) && is_sound(below, same)
    };
    same(&fresh.summary, &node.summary)
        && node.left.as_deref().is_none_or(|left| left.key < node.key && is_heap(left))
        && node.right.as_deref().is_none_or(|right| right.key > node.key && is_heap(right))
}
