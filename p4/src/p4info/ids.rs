//! Ids and aliases of what a controller can name.
//!
//! An id is the type of the thing in the highest 8 bits and a hash of its name in the other 24, or
//! the next that is free, so that ids stay what they are while a program grows. This is what p4c
//! does, so that ids are the same with both; `@id` says another one. An alias is the shortest end
//! of the name that nothing else has, in whole words.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::annotations::id_of;
use crate::ir::Annotation;

/// The highest 8 bits of an id, by `P4Ids.Prefix` of the P4Runtime specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Action = 0x01,
    Table = 0x02,
    ControllerHeader = 0x04,
    Counter = 0x12,
    DirectCounter = 0x13,
    Register = 0x16,
}

/// The things of a program, by their names.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    /// None until ids are given.
    ids: BTreeMap<Kind, BTreeMap<Arc<str>, Option<u32>>>,
    taken: BTreeSet<u32>,
    /// How many names end in these words.
    endings: HashMap<String, usize>,
    names: BTreeSet<Arc<str>>,
}

impl Symbols {
    /// Adds a thing, with the id that its annotations give it; once if it comes twice.
    pub(super) fn add(&mut self, kind: Kind, name: &Arc<str>, annotations: &[Annotation]) {
        let symbols = self.ids.entry(kind).or_default();
        if symbols.contains_key(name) {
            return;
        }
        let given = id_of(annotations).map(|id| prefix(kind) | (id & 0x00ff_ffff));
        let id = given.filter(|id| self.taken.insert(*id));
        symbols.insert(Arc::clone(name), id);
        if self.names.insert(Arc::clone(name)) {
            for ending in endings(name) {
                *self.endings.entry(ending.to_owned()).or_default() += 1;
            }
        }
    }

    /// Gives an id to each thing that has none, in the order of their names.
    pub(super) fn give_ids(&mut self) {
        for (kind, symbols) in &mut self.ids {
            for (name, id) in symbols.iter_mut().filter(|(_, id)| id.is_none()) {
                let mut hash = one_at_a_time(name.as_bytes());
                let mut candidate = prefix(*kind) | (hash & 0x00ff_ffff);
                while !self.taken.insert(candidate) {
                    hash = hash.wrapping_add(1);
                    candidate = prefix(*kind) | (hash & 0x00ff_ffff);
                }
                *id = Some(candidate);
            }
        }
    }

    /// The id of a thing that was added; 0, which is none, for any other.
    pub(super) fn id(&self, kind: Kind, name: &str) -> u32 {
        self.ids.get(&kind).and_then(|symbols| *symbols.get(name)?).unwrap_or(0)
    }

    /// The shortest end of a name that no other one has.
    pub(super) fn alias(&self, name: &Arc<str>) -> Arc<str> {
        let is_unique = |ending: &&str| self.endings.get(*ending).is_none_or(|count| *count < 2);
        endings(name).find(is_unique).map_or_else(|| Arc::clone(name), Arc::from)
    }
}

fn prefix(kind: Kind) -> u32 {
    (kind as u32) << 24
}

/// The ends of a name in whole words, the shortest first.
fn endings(name: &str) -> impl Iterator<Item = &str> {
    let dots = name.rmatch_indices('.').filter_map(|(dot, _)| name.get(dot + 1..));
    dots.chain(std::iter::once(name))
}

/// Bob Jenkins' one-at-a-time hash.
fn one_at_a_time(bytes: &[u8]) -> u32 {
    let mut hash = bytes.iter().fold(0_u32, |hash, byte| {
        let hash = hash.wrapping_add(u32::from(*byte));
        let hash = hash.wrapping_add(hash << 10);
        hash ^ (hash >> 6)
    });
    hash = hash.wrapping_add(hash << 3);
    hash ^= hash >> 11;
    hash.wrapping_add(hash << 15)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Ids that p4c gave to programs of its own.
    #[rstest]
    #[case(Kind::Action, "NoAction", 21_257_015)]
    #[case(Kind::Action, "ingress.set_ecmp_select", 20_375_000)]
    #[case(Kind::Table, "ingress.ecmp_group", 38_446_407)]
    #[case(Kind::Register, "ingress.flowlet_id", 384_519_412)]
    #[case(Kind::Counter, "FabricIngress.port_counters_control.egress_port_counter", 314_528_581)]
    #[case(Kind::DirectCounter, "FabricIngress.acl.acl_counter", 319_194_241)]
    #[case(Kind::ControllerHeader, "packet_in_header_t", 81_826_293)]
    fn ids_are_those_of_p4c(#[case] kind: Kind, #[case] name: &str, #[case] id: u32) {
        let mut symbols = Symbols::default();
        symbols.add(kind, &Arc::from(name), &[]);
        symbols.give_ids();
        assert_eq!(symbols.id(kind, name), id);
    }

    #[test]
    fn an_annotation_gives_the_id_and_a_taken_one_is_passed_over() {
        let id = |body: &str| [Annotation { name: Arc::from("id"), body: Arc::from(body) }];
        let mut symbols = Symbols::default();
        symbols.add(Kind::Action, &Arc::from("a"), &id("0x0100_0007"));
        symbols.add(Kind::Action, &Arc::from("b"), &id("21257015"));
        symbols.add(Kind::Action, &Arc::from("NoAction"), &[]);
        symbols.add(Kind::Table, &Arc::from("a"), &id("7"));
        symbols.give_ids();
        assert_eq!(symbols.id(Kind::Action, "a"), 0x0100_0007);
        assert_eq!(symbols.id(Kind::Action, "b"), 21_257_015);
        assert_eq!(symbols.id(Kind::Action, "NoAction"), 21_257_016);
        assert_eq!(symbols.id(Kind::Table, "a"), 0x0200_0007);
    }

    #[test]
    fn an_alias_is_as_short_as_nothing_else_has_it() {
        let mut symbols = Symbols::default();
        for name in ["s.c1.t", "s.c2.t", "s.u", "v", "u.v"] {
            symbols.add(Kind::Table, &Arc::from(name), &[]);
        }
        let alias = |name: &str| symbols.alias(&Arc::from(name)).to_string();
        assert_eq!(alias("s.c1.t"), "c1.t");
        assert_eq!(alias("s.u"), "u");
        assert_eq!(alias("v"), "v");
        assert_eq!(alias("u.v"), "u.v");
    }
}
