//! Clients that know what they were told.

use super::entry::{Entry, Set, replace, to_json};
use super::link::Link;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

/// A client with entries of its own, which nobody else changes.
pub(super) trait Client: Send {
    /// Makes one request. `None` if it was not answered: then it may have been done or not.
    fn step(&mut self, link: &Link) -> Option<()>;

    /// Asks a daemon that has just started what there is. That has to be what was acknowledged, or
    /// what was asked for without an answer.
    fn recover(&mut self, link: &Link);

    /// What has to be in the switch.
    fn entries(&self) -> Vec<Entry>;

    /// How many requests were not answered, and how many of them were done all the same.
    fn unanswered_and_done(&self) -> (u64, u64);
}

/// What a client knows: what was acknowledged, and what may be there instead.
#[derive(Debug)]
struct Known<T> {
    acknowledged: T,
    asked: Option<T>,
    unanswered: u64,
    done: u64,
}

impl<T: Clone + PartialEq + std::fmt::Debug> Known<T> {
    fn new(acknowledged: T) -> Self {
        Self { acknowledged, asked: None, unanswered: 0, done: 0 }
    }

    /// Asks for a change, and takes note of it once it is acknowledged.
    fn change(&mut self, next: T, ask: impl FnOnce() -> Option<()>) -> Option<()> {
        self.asked = Some(next.clone());
        ask()?;
        (self.acknowledged, self.asked) = (next, None);
        Some(())
    }

    /// Takes note of what is there after a restart.
    fn recover(&mut self, found: T) {
        match self.asked.take() {
            None => assert_eq!(found, self.acknowledged),
            Some(asked) => {
                assert!(
                    found == self.acknowledged || found == asked,
                    "found {found:?}, and not {:?} or {asked:?}",
                    self.acknowledged
                );
                self.unanswered += 1;
                self.done += u64::from(found == asked);
            }
        }
        self.acknowledged = found;
    }
}

/// What there is of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// It never was.
    Never,
    Here {
        generation: u64,
        set: Set,
    },
    /// It was deleted, at this generation.
    Deleted(u64),
}

impl State {
    fn generation(&self) -> u64 {
        match self {
            Self::Never => 0,
            Self::Here { generation, .. } | Self::Deleted(generation) => *generation,
        }
    }

    fn set(&self) -> Set {
        match self {
            Self::Here { set, .. } => set.clone(),
            Self::Never | Self::Deleted(_) => Set::new(),
        }
    }

    /// What a daemon says.
    fn read(link: &Link, group: &str) -> Self {
        let view = link.get(&format!("/nat/groups/{group}"));
        if view.status == 404 {
            let tombstone = view.body["tombstone_generation"].as_u64();
            return tombstone.map_or(Self::Never, Self::Deleted);
        }
        let generation = view.ok()["generation"].as_u64().unwrap();
        let page = link.get(&format!("/nat/groups/{group}/entries?limit=10000")).ok();
        assert_eq!(page["generation"], generation);
        let set = page["items"].as_array().unwrap().iter().map(Entry::from_json).collect();
        Self::Here { generation, set }
    }
}

/// A client with one group, of which it makes generations. At times it deletes it, repeats itself,
/// or sends what is stale.
pub(super) struct GroupClient {
    number: u16,
    name: String,
    random: StdRng,
    known: Known<State>,
}

impl GroupClient {
    pub(super) fn new(number: u16) -> Self {
        let random = StdRng::seed_from_u64(number.into());
        Self { number, name: format!("group-{number}"), random, known: Known::new(State::Never) }
    }

    fn path(&self) -> String {
        format!("/nat/groups/{}", self.name)
    }

    /// The next generation, with so many entries that are new.
    fn ensure(&mut self, link: &Link, changes: usize) -> Option<()> {
        let state = &self.known.acknowledged;
        let generation = state.generation() + self.random.random_range(1..4);
        let mut set = state.set();
        if changes > 15 {
            set.clear();
        }
        for _ in 0..changes {
            replace(&mut set, Entry::random(self.number, &mut self.random));
        }
        let body = json!({ "generation": generation, "entries": to_json(&set) });
        let path = self.path();
        self.known.change(State::Here { generation, set }, || {
            let done = link.ask("PUT", &path, Some(&body))?.ok();
            assert_eq!(done["gaps"], json!([]));
            Some(())
        })
    }

    fn delete(&mut self, link: &Link, generation: u64) -> Option<()> {
        let path = format!("{}?generation={generation}", self.path());
        self.known.change(State::Deleted(generation), || {
            link.ask("DELETE", &path, None)?.ok();
            Some(())
        })
    }

    /// The same again, which changes nothing.
    fn repeat(&self, link: &Link) -> Option<()> {
        match &self.known.acknowledged {
            State::Never => Some(()),
            State::Here { generation, set } => {
                let body = json!({ "generation": generation, "entries": to_json(set) });
                let done = link.ask("PUT", &self.path(), Some(&body))?.ok();
                assert_eq!((&done["writes"], &done["changes_total"]), (&json!(0), &json!(0)));
                Some(())
            }
            State::Deleted(generation) => {
                let path = format!("{}?generation={generation}", self.path());
                assert_eq!(link.ask("DELETE", &path, None)?.ok()["writes"], 0);
                Some(())
            }
        }
    }

    /// What came too late is refused, and told what there is.
    fn stale(&mut self, link: &Link) -> Option<()> {
        let generation = match &self.known.acknowledged {
            State::Here { generation, .. } => generation - 1,
            State::Deleted(generation) => *generation,
            State::Never => return Some(()),
        };
        if generation > 0 {
            let entry = Entry::random(self.number, &mut self.random);
            let body = json!({ "generation": generation, "entries": [entry.to_json()] });
            let answer = link.ask("PUT", &self.path(), Some(&body))?;
            assert_eq!(answer.body["current_generation"], self.known.acknowledged.generation());
            answer.refused(409, "StaleGeneration");
        }
        Some(())
    }
}

impl Client for GroupClient {
    fn step(&mut self, link: &Link) -> Option<()> {
        match (self.random.random_range(0..12), &self.known.acknowledged) {
            (0, State::Here { generation, .. }) => self.delete(link, *generation),
            (1, _) => self.repeat(link),
            (2, _) => self.stale(link),
            (3..=6, _) => self.ensure(link, 1),
            _ => {
                let changes = self.random.random_range(1..20);
                self.ensure(link, changes)
            }
        }
    }

    fn recover(&mut self, link: &Link) {
        self.known.recover(State::read(link, &self.name));
        self.repeat(link).unwrap();
        self.stale(link).unwrap();
    }

    fn entries(&self) -> Vec<Entry> {
        self.known.acknowledged.set().into_iter().collect()
    }

    fn unanswered_and_done(&self) -> (u64, u64) {
        (self.known.unanswered, self.known.done)
    }
}

/// A client of the per-entry operations.
pub(super) struct PerEntryClient {
    number: u16,
    random: StdRng,
    known: Known<Set>,
}

impl PerEntryClient {
    pub(super) fn new(number: u16) -> Self {
        let random = StdRng::seed_from_u64(number.into());
        Self { number, random, known: Known::new(Set::new()) }
    }

    fn path(entry: &Entry) -> String {
        let family = if entry.external.is_ipv4() { "ipv4" } else { "ipv6" };
        format!("/nat/{family}/{}/{}", entry.external, entry.low)
    }
}

impl Client for PerEntryClient {
    fn step(&mut self, link: &Link) -> Option<()> {
        let entry = Entry::random(self.number, &mut self.random);
        let mut next = self.known.acknowledged.clone();
        let there = next.iter().find(|there| there.overlaps(&entry)).copied();
        let (method, path, body) = match there {
            Some(there) => {
                next.remove(&there);
                ("DELETE", Self::path(&there), None)
            }
            None => {
                next.insert(entry);
                let path = format!("{}/{}", Self::path(&entry), entry.high);
                ("PUT", path, Some(entry.target()))
            }
        };
        self.known.change(next, || {
            link.ask(method, &path, body.as_ref())?.ok();
            Some(())
        })
    }

    fn recover(&mut self, link: &Link) {
        let there = State::read(link, "ungrouped");
        self.known.recover(there.set());
    }

    fn entries(&self) -> Vec<Entry> {
        self.known.acknowledged.iter().copied().collect()
    }

    fn unanswered_and_done(&self) -> (u64, u64) {
        (self.known.unanswered, self.known.done)
    }
}
