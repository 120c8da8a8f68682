//! Random requests of every kind against the simplest model of what they should do: lists, searched
//! from one end to the other.

use dpd_tests::{
    Entry, Settings, Testbed, With as _, digest, ensured, entry, entry_list, request, target,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NAMES: [&str; 3] = ["a", "b", "c"];
const UNGROUPED: &str = "ungrouped";
/// The rows of the IPv4 and the IPv6 table: few, so that there is not always room.
const SIZE_ROWS: [u64; 2] = [5, 2];

/// What exists.
struct Model {
    groups: BTreeMap<&'static str, Group>,
    tombstones: BTreeMap<&'static str, u64>,
}

#[derive(Clone, Default)]
struct Group {
    generation: u64,
    entries: Vec<Entry>,
    reserve: [u64; 2],
}

#[derive(Clone, Debug)]
enum Request {
    Ensure {
        group: &'static str,
        /// Added to the group's generation or its tombstone's.
        step: i64,
        entries: Vec<Entry>,
        adopt: Adopt,
        reserve: Option<[u64; 2]>,
        max_removals: Option<u64>,
        allow_empty: bool,
    },
    Delete {
        group: &'static str,
        step: i64,
    },
    Put(Entry),
    /// Of whatever covers the first port.
    Remove(Entry),
    Reset {
        ipv4: bool,
    },
}

#[derive(Clone, Copy, Debug)]
enum Adopt {
    None,
    Identical,
    Vni(u32),
}

/// The answer to an ensure or a deletion, or the code of the refusal.
type Expected = Result<Value, &'static str>;

impl Model {
    fn new() -> Self {
        let ungrouped = Group { generation: 1, ..Group::default() };
        Self { groups: BTreeMap::from([(UNGROUPED, ungrouped)]), tombstones: BTreeMap::new() }
    }

    /// The generation that a step leads to from where the group or its tombstone is.
    fn step(&self, group: &str, step: i64) -> u64 {
        let group = self
            .groups
            .get(group)
            .map(|group| group.generation)
            .or(self.tombstones.get(group).copied());
        group.unwrap_or(0).saturating_add_signed(step).max(1)
    }

    /// The entries of every group but this.
    fn others(&self, name: &str) -> Vec<Entry> {
        let others = self.groups.iter().filter(|(other, _)| **other != name);
        others.flat_map(|(_, group)| group.entries.clone()).collect()
    }

    /// The rows that all groups use or reserve.
    fn committed(&self) -> [u64; 2] {
        [0, 1].map(|family| {
            let rows = |group: &Group| rows(&group.entries)[family].max(group.reserve[family]);
            self.groups.values().map(rows).sum()
        })
    }

    /// Makes the next state this one, if it fits.
    fn advance(&mut self, next: Model) -> Result<(), &'static str> {
        let (before, after) = (self.committed(), next.committed());
        if [0, 1].iter().any(|&it| after[it] > SIZE_ROWS[it] && after[it] > before[it]) {
            return Err("TableFull");
        }
        *self = next;
        Ok(())
    }

    fn copy(&self) -> Self {
        Self { groups: self.groups.clone(), tombstones: self.tombstones.clone() }
    }

    fn ensure(&mut self, name: &'static str, generation: u64, request: &Request) -> Expected {
        let Request::Ensure { entries, adopt, reserve, max_removals, allow_empty, .. } = request
        else {
            panic!("{request:?}");
        };
        let current = self.groups.get(name).cloned();
        match &current {
            None if self.tombstones.get(name).is_some_and(|at| generation <= *at) => {
                return Err("StaleGeneration");
            }
            Some(group) if generation < group.generation => return Err("StaleGeneration"),
            Some(group) if generation == group.generation => {
                let same = group.entries == *entries
                    && reserve.is_none_or(|reserve| reserve == group.reserve);
                let answer = ensured(name, generation, Some(generation), entries, entries);
                return if same { Ok(answer) } else { Err("GenerationMismatch") };
            }
            _ => {}
        }
        let (previous, before) = match current {
            Some(ref group) => (Some(group.generation), group.clone()),
            None => (None, Group::default()),
        };
        let ungrouped = &self.groups[UNGROUPED];
        let (adopted, left): (Vec<Entry>, Vec<Entry>) =
            ungrouped.entries.iter().partition(|entry| match adopt {
                Adopt::None => false,
                Adopt::Identical => entries.contains(entry),
                Adopt::Vni(vni) => entry.target.vni == *vni,
            });
        let had = [&before.entries[..], &adopted].concat();
        let removals = had.iter().filter(|it| !entries.iter().any(|to| to.same_slot(it))).count();
        if entries.is_empty() && removals > 0 && !allow_empty {
            return Err("EmptySet");
        }
        if max_removals.is_some_and(|most| removals as u64 > most) {
            return Err("TooManyRemovals");
        }
        let others = self.others(name);
        let in_the_way =
            |it: &Entry| others.iter().any(|other| other.overlaps(it) && !adopted.contains(other));
        if entries.iter().any(in_the_way) {
            return Err("EntryConflict");
        }
        let mut next = self.copy();
        if !adopted.is_empty() {
            let generation = ungrouped.generation + 1;
            next.groups.insert(UNGROUPED, Group { generation, entries: left, ..Group::default() });
        }
        let reserve = reserve.unwrap_or(before.reserve);
        next.groups.insert(name, Group { generation, entries: entries.clone(), reserve });
        next.tombstones.remove(name);
        self.advance(next)?;
        Ok(ensured(name, generation, previous, &had, entries).with("adopted", adopted.len()))
    }

    fn delete(&mut self, name: &'static str, generation: u64) -> Expected {
        let current = match (self.groups.get(name), self.tombstones.get(name)) {
            (None, None) => return Err("NoSuchGroup"),
            (Some(group), _) => group.generation,
            (None, Some(tombstone)) => *tombstone,
        };
        if generation < current {
            return Err("StaleGeneration");
        }
        self.tombstones.insert(name, generation);
        let (previous, had) = match self.groups.remove(name) {
            Some(group) => (Some(group.generation), group.entries),
            None => (None, Vec::new()),
        };
        Ok(ensured(name, generation, previous, &had, &[]))
    }

    /// Makes the ungrouped entries others.
    fn change_ungrouped(&mut self, entries: Vec<Entry>) -> Result<(), &'static str> {
        let mut next = self.copy();
        let generation = self.groups[UNGROUPED].generation + 1;
        next.groups.insert(UNGROUPED, Group { generation, entries, ..Group::default() });
        self.advance(next)
    }

    fn put(&mut self, put: &Entry) -> Result<(), &'static str> {
        let everyone = self.others("");
        if everyone.contains(put) {
            return Ok(());
        }
        if everyone.iter().any(|entry| entry.overlaps(put)) {
            return Err("conflicting mapping");
        }
        let mut entries = self.groups[UNGROUPED].entries.clone();
        entries.push(*put);
        entries.sort_unstable();
        self.change_ungrouped(entries)
    }

    fn remove(&mut self, at: &Entry) -> Result<(), &'static str> {
        let covers = |entry: &Entry| entry.covers(at.external, at.low);
        if self.others(UNGROUPED).iter().any(covers) {
            return Err("conflicting mapping");
        }
        self.keep_ungrouped(|entry| !covers(entry))
    }

    fn keep_ungrouped(&mut self, keep: impl Fn(&Entry) -> bool) -> Result<(), &'static str> {
        let before = self.groups[UNGROUPED].entries.clone();
        let after: Vec<Entry> = before.iter().filter(|entry| keep(entry)).copied().collect();
        if after == before { Ok(()) } else { self.change_ungrouped(after) }
    }
}

fn rows(entries: &[Entry]) -> [u64; 2] {
    let ipv4 = entries.iter().filter(|entry| entry.external.is_ipv4()).count();
    [ipv4 as u64, (entries.len() - ipv4) as u64]
}

/// Makes the request of the daemon and of the model, and compares what they say.
async fn make(bed: &Testbed, model: &mut Model, made: &Request) {
    let comparable = |answer: Value| answer.without("gaps");
    match made {
        Request::Ensure { group, step, entries, adopt, reserve, max_removals, allow_empty } => {
            let generation = model.step(group, *step);
            let adopt = match adopt {
                Adopt::None => json!("none"),
                Adopt::Identical => json!("identical"),
                Adopt::Vni(vni) => json!({ "vni": vni }),
            };
            let body = request(generation, entries)
                .with("adopt", adopt)
                .with("max_removals", *max_removals)
                .with("allow_empty", *allow_empty)
                .with(
                    "reserve",
                    json!(reserve.map(|[ipv4, ipv6]| json!({ "ipv4": ipv4, "ipv6": ipv6 }))),
                );
            let dry = bed.try_out(group, &body).await;
            let real = bed.ensure_with(group, &body).await;
            match model.ensure(group, generation, made) {
                Ok(answer) => {
                    assert_eq!(comparable(real.ok()), comparable(answer.clone()));
                    let mut dry = dry.ok();
                    let peak = dry.as_object_mut().unwrap().remove("peak_rows").unwrap();
                    // At the least, all of the set is there at the end.
                    let set = ["added", "updated", "unchanged"].map(|it| dry[it].as_u64().unwrap());
                    let rows = ["ipv4", "ipv6"].map(|family| peak[family].as_u64().unwrap());
                    assert!(rows.iter().sum::<u64>() >= set.iter().sum(), "{peak}, {dry}");
                    assert_eq!(comparable(dry), comparable(answer.with("dry_run", true)));
                }
                Err(code) => {
                    real.refused(code);
                    dry.refused(code);
                }
            }
        }
        Request::Delete { group, step } => {
            let generation = model.step(group, *step);
            let answer = bed.delete_group(group, generation).await;
            match model.delete(group, generation) {
                Ok(expected) => assert_eq!(answer.ok(), expected),
                Err(code) => {
                    answer.refused(code);
                }
            }
        }
        Request::Put(entry) => per_entry(bed.put_entry(entry).await, model.put(entry)),
        Request::Remove(entry) => per_entry(bed.delete_entry(entry).await, model.remove(entry)),
        Request::Reset { ipv4 } => {
            let path = if *ipv4 { "/nat/ipv4" } else { "/nat/ipv6" };
            let expected = model.keep_ungrouped(|entry| entry.external.is_ipv4() != *ipv4);
            per_entry(bed.delete(path).await, expected);
        }
    }
}

fn per_entry(answer: dpd_tests::Answer, expected: Result<(), &str>) {
    match expected {
        Ok(()) => answer.no_content(),
        Err(code) => {
            answer.refused(code);
        }
    }
}

/// Compares everything that can be read, and what the device does.
async fn compare(bed: &Testbed, model: &Model) {
    let views = bed.get("/nat/groups").await.ok();
    let views = views["items"].as_array().unwrap();
    let found: Vec<&Value> = views.iter().map(|view| &view["group"]).collect();
    let expected: Vec<&&str> = model.groups.keys().collect();
    assert_eq!(found, expected);
    let mut all = Vec::new();
    for (view, (name, group)) in views.iter().zip(&model.groups) {
        let [ipv4, ipv6] = rows(&group.entries);
        let [reserved_ipv4, reserved_ipv6] = group.reserve;
        assert_eq!(
            view.clone().without("last_change").without("last_request_id"),
            json!({
                "group": name, "generation": group.generation, "digest": digest(&group.entries),
                "entries": { "ipv4": ipv4, "ipv6": ipv6 },
                "table_rows": { "ipv4": ipv4, "ipv6": ipv6 },
                "state": "programmed", "diverged": 0, "programmed_generation": group.generation,
                "reserve": { "ipv4": reserved_ipv4, "ipv6": reserved_ipv6 }, "last_error": null,
            })
        );
        let page = bed.get(format!("/nat/groups/{name}/entries")).await.ok();
        assert_eq!(page["items"], entry_list(&group.entries));
        all.extend(&group.entries);
    }
    all.sort_unstable();
    let rows: Vec<Entry> = bed.device.rows().iter().map(|row| row.entry).collect();
    assert_eq!(rows, all);
    bed.device.assert_forwards(&all);
}

/// Entries of few addresses, ports and targets, so that they meet.
fn any_entry() -> impl Strategy<Value = Entry> {
    let addresses = prop::sample::select(vec![
        "10.0.0.1",
        "10.0.0.2",
        "10.0.0.3",
        "2001:db8::1",
        "2001:db8::2",
    ]);
    let ports = prop::sample::select(vec![(0, 9), (10, 19), (0, 19), (5, 14), (65535, 65535)]);
    let targets = (1..3_u16, prop::sample::select(vec![100, 200]));
    (addresses, ports, targets).prop_map(|(address, (low, high), (sled, vni))| {
        entry(address, low, high, target(sled).vni(vni))
    })
}

/// Sets in order, without overlaps.
fn any_set() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(any_entry(), 0..6).prop_map(|entries| {
        let mut set: Vec<Entry> = Vec::new();
        for entry in entries {
            if !set.iter().any(|other| other.overlaps(&entry)) {
                set.push(entry);
            }
        }
        set.sort_unstable();
        set
    })
}

fn any_request() -> impl Strategy<Value = Request> {
    let group = || prop::sample::select(NAMES.to_vec());
    let adopt = prop_oneof![
        1 => Just(Adopt::None),
        3 => Just(Adopt::Identical),
        1 => Just(Adopt::Vni(100)),
    ];
    let reserve = prop::option::weighted(0.2, (0..4_u64, 0..3_u64).prop_map(|(v4, v6)| [v4, v6]));
    let max_removals = prop::option::weighted(0.2, 0..3_u64);
    let steps = || prop_oneof![1 => Just(-1_i64), 2 => Just(0), 6 => 1..3_i64];
    let ensure = (group(), steps(), any_set(), adopt, reserve, max_removals, any::<bool>())
        .prop_map(|(group, step, entries, adopt, reserve, max_removals, allow_empty)| {
            Request::Ensure { group, step, entries, adopt, reserve, max_removals, allow_empty }
        });
    prop_oneof![
        10 => ensure,
        2 => (group(), steps()).prop_map(|(group, step)| Request::Delete { group, step }),
        5 => any_entry().prop_map(Request::Put),
        2 => any_entry().prop_map(Request::Remove),
        1 => any::<bool>().prop_map(|ipv4| Request::Reset { ipv4 }),
    ]
}

/// How many random cases are tried; `PROPTEST_CASES` overrides it. A failure is written down as a
/// named test, not as a seed.
fn cases(number: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { number };
    ProptestConfig { cases, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn the_daemon_does_what_the_simplest_model_does(
        requests in prop::collection::vec(any_request(), 1..25),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let [ipv4, ipv6] = SIZE_ROWS.map(|rows| rows as u32);
            let bed = Testbed::start_with(Settings::sized(ipv4, ipv6));
            let mut model = Model::new();
            for request in &requests {
                make(&bed, &mut model, request).await;
                compare(&bed, &model).await;
            }
        });
    }
}
