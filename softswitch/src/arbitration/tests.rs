//! Arbitration against a list of who is there, and what the specification says read off that list.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// All that has happened, kept as it came. Clear rather than efficient.
#[derive(Debug, Default)]
struct Oracle {
    /// Who is there: stream, role, election id.
    live: Vec<(StreamId, &'static str, Option<ElectionId>)>,
    /// Every election id that was ever accepted, with its role.
    accepted: Vec<(&'static str, ElectionId)>,
    /// Requests under way, by role.
    writes: Vec<&'static str>,
    /// Roles whose primary has to wait until it is told.
    waiting: Vec<&'static str>,
}

impl Oracle {
    fn highest(&self, role: &str) -> Option<ElectionId> {
        self.accepted.iter().filter(|(of, _)| *of == role).map(|(_, id)| *id).max()
    }

    fn primary(&self, role: &str) -> Option<StreamId> {
        let highest = self.highest(role)?;
        let found = self.live.iter().find(|(_, of, id)| *of == role && *id == Some(highest));
        found.map(|(stream, _, _)| *stream)
    }

    fn notice(&self, role: &str, to: StreamId) -> Notice {
        let standing = match self.primary(role) {
            None => Standing::NoPrimary,
            Some(primary) if primary == to => Standing::Primary,
            Some(_) => Standing::Backup,
        };
        Notice { to, standing, highest: self.highest(role) }
    }

    fn for_all(&self, role: &str) -> Vec<Notice> {
        let of_role = self.live.iter().filter(|(_, of, _)| *of == role);
        let notices = of_role.map(|(stream, _, _)| self.notice(role, *stream));
        let waits = self.waiting.contains(&role);
        notices.filter(|one| !(waits && one.standing == Standing::Primary)).collect()
    }

    fn update(
        &mut self,
        stream: StreamId,
        role: &'static str,
        id: Option<ElectionId>,
    ) -> Option<Vec<Notice>> {
        let own = self.live.iter().find(|(of, _, _)| *of == stream);
        let is_other_role = own.is_some_and(|(_, of, _)| *of != role);
        let is_taken = id.is_some()
            && self.live.iter().any(|(of, at, taken)| *of != stream && *at == role && *taken == id);
        if is_other_role || is_taken {
            return None;
        }
        let before = self.primary(role);
        self.live.retain(|(of, _, _)| *of != stream);
        self.live.push((stream, role, id));
        self.accepted.extend(id.map(|id| (role, id)));
        let after = self.primary(role);
        if before != after {
            self.waiting.retain(|of| *of != role);
            if after.is_some() && self.writes.contains(&role) {
                self.waiting.push(role);
            }
        }
        let concerns_all = after == Some(stream) || before == Some(stream);
        Some(if concerns_all { self.for_all(role) } else { vec![self.notice(role, stream)] })
    }

    fn leave(&mut self, stream: StreamId) -> Vec<Notice> {
        let Some((_, role, _)) = self.live.iter().find(|(of, _, _)| *of == stream).copied() else {
            return Vec::new();
        };
        let was_primary = self.primary(role) == Some(stream);
        self.live.retain(|(of, _, _)| *of != stream);
        if !was_primary {
            return Vec::new();
        }
        self.waiting.retain(|of| *of != role);
        self.for_all(role)
    }

    fn begin(&mut self, role: &'static str, id: Option<ElectionId>) -> bool {
        let is_allowed = self.primary(role).is_some()
            && id == self.highest(role)
            && !self.waiting.contains(&role);
        if is_allowed {
            self.writes.push(role);
        }
        is_allowed
    }

    fn end(&mut self) -> Option<(&'static str, Option<Notice>)> {
        let role = self.writes.pop()?;
        let is_told = !self.writes.contains(&role) && self.waiting.contains(&role);
        if !is_told {
            return Some((role, None));
        }
        self.waiting.retain(|of| *of != role);
        Some((role, self.primary(role).map(|primary| self.notice(role, primary))))
    }
}

#[derive(Clone, Debug)]
enum Step {
    Update(StreamId, &'static str, Option<ElectionId>),
    Leave(StreamId),
    Begin(&'static str, Option<ElectionId>),
    End,
}

const ROLES: [&str; 2] = ["", "other"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let stream = || (0_u64..5).prop_map(StreamId);
    let role = || select(&ROLES[..]);
    let id = || prop::option::weighted(0.9, (0_u128..6).prop_map(ElectionId));
    let step = prop_oneof![
        5 => (stream(), role(), id()).prop_map(|(stream, role, id)| Step::Update(stream, role, id)),
        2 => stream().prop_map(Step::Leave),
        3 => (role(), id()).prop_map(|(role, id)| Step::Begin(role, id)),
        2 => Just(Step::End),
    ];
    prop::collection::vec(step, 0..60)
}

fn sorted(mut notices: Vec<Notice>) -> Vec<Notice> {
    notices.sort_by_key(|notice| notice.to);
    notices
}

proptest! {
    #[test]
    fn arbitration_is_what_the_list_says(steps in steps()) {
        let (mut arbitration, mut oracle) = (Arbitration::default(), Oracle::default());
        for step in steps {
            match step {
                Step::Update(stream, role, id) => {
                    let told = arbitration.update(stream, role, id).ok().map(sorted);
                    let expected = oracle.update(stream, role, id).map(sorted);
                    prop_assert_eq!(&told, &expected);
                    if told.is_none() {
                        // Who is refused has to go.
                        let told = sorted(arbitration.leave(stream));
                        prop_assert_eq!(told, sorted(oracle.leave(stream)));
                    }
                }
                Step::Leave(stream) => {
                    let told = sorted(arbitration.leave(stream));
                    prop_assert_eq!(told, sorted(oracle.leave(stream)));
                }
                Step::Begin(role, id) => {
                    let is_begun = arbitration.begin_write(role, id).is_ok();
                    prop_assert_eq!(is_begun, oracle.begin(role, id));
                }
                Step::End => if let Some((role, expected)) = oracle.end() {
                    prop_assert_eq!(arbitration.end_write(role), expected);
                },
            }
            arbitration.validate();
            let told = ROLES.iter().filter(|role| !oracle.waiting.contains(role));
            let primaries: Vec<StreamId> = told.filter_map(|role| oracle.primary(role)).collect();
            prop_assert_eq!(arbitration.primaries().collect::<Vec<_>>(), primaries);
            for (stream, role, _) in &oracle.live {
                prop_assert_eq!(arbitration.role_of(*stream), Some(*role));
            }
            prop_assert_eq!(arbitration.streams.len(), oracle.live.len());
        }
        // Of those who are gone, nothing is left but the highest ids.
        for (stream, _, _) in std::mem::take(&mut oracle.live) {
            arbitration.leave(stream);
        }
        arbitration.validate();
        prop_assert!(arbitration.streams.is_empty());
        let remembered = ROLES.iter().filter(|role| oracle.highest(role).is_some()).count();
        prop_assert_eq!(arbitration.roles.len(), remembered);
    }
}

impl Arbitration {
    /// Checks what is always true.
    fn validate(&self) {
        for (name, role) in &self.roles {
            assert!(!role.streams.is_empty() || role.highest.is_some(), "nothing of {name:?}");
            assert!(!role.is_awaited || (role.writes > 0 && role.primary().is_some()));
            let highest = role.streams.values().max().copied().flatten();
            assert!(highest <= role.highest);
            for stream in role.streams.keys() {
                assert_eq!(self.role_of(*stream), Some(name.as_str()));
            }
        }
        let streams: usize = self.roles.values().map(|role| role.streams.len()).sum();
        assert_eq!(streams, self.streams.len());
    }
}

const NOBODY: Option<ElectionId> = None;

#[test]
fn a_new_primary_is_told_when_the_writes_before_it_have_ended() {
    let mut arbitration = Arbitration::default();
    let id = |id| Some(ElectionId(id));
    let (old, new) = (StreamId(0), StreamId(1));
    arbitration.update(old, "", id(1)).unwrap();
    arbitration.begin_write("", id(1)).unwrap();
    arbitration.begin_write("", id(1)).unwrap();
    // The old one learns at once that it is primary no longer.
    let told = arbitration.update(new, "", id(2)).unwrap();
    assert_eq!(told, [Notice { to: old, standing: Standing::Backup, highest: id(2) }]);
    let refused = arbitration.begin_write("", id(2)).unwrap_err();
    assert_eq!(refused, Refused::NotYet { role: String::new() });
    assert_eq!(arbitration.primaries().count(), 0);
    assert_eq!(arbitration.end_write(""), None);
    let told = arbitration.end_write("").unwrap();
    assert_eq!(told, Notice { to: new, standing: Standing::Primary, highest: id(2) });
    arbitration.begin_write("", id(2)).unwrap();
}

#[test]
fn a_controller_that_comes_back_waits_for_its_own_writes() {
    let mut arbitration = Arbitration::default();
    let id = Some(ElectionId(1));
    arbitration.update(StreamId(0), "", id).unwrap();
    arbitration.begin_write("", id).unwrap();
    arbitration.leave(StreamId(0));
    assert_eq!(arbitration.update(StreamId(1), "", id).unwrap(), []);
    let told = arbitration.end_write("").unwrap();
    assert_eq!((told.to, told.standing), (StreamId(1), Standing::Primary));
}

#[test]
fn there_are_so_many_streams_and_roles_and_no_more() {
    let mut arbitration = Arbitration::default();
    for number in 0..MAX_STREAMS as u64 {
        arbitration.update(StreamId(number), "", NOBODY).unwrap();
    }
    let one_more = StreamId(MAX_STREAMS as u64);
    assert_eq!(arbitration.update(one_more, "", NOBODY), Err(Refused::TooManyStreams));
    arbitration.leave(StreamId(7));
    arbitration.update(one_more, "", NOBODY).unwrap();

    let mut arbitration = Arbitration::default();
    for number in 0..MAX_ROLES {
        let stream = StreamId(number as u64);
        let id = Some(ElectionId(0));
        arbitration.update(stream, &number.to_string(), id).unwrap();
        // What a role has seen stays, though nobody is there.
        arbitration.leave(stream);
    }
    let refused = arbitration.update(StreamId(0), "one more", NOBODY);
    assert_eq!(refused, Err(Refused::TooManyRoles));
    arbitration.update(StreamId(0), "7", NOBODY).unwrap();
    let name = "r".repeat(MAX_ROLE_BYTES + 1);
    let refused = arbitration.update(StreamId(1), &name, NOBODY);
    assert_eq!(refused, Err(Refused::RoleTooLong { bytes: MAX_ROLE_BYTES + 1 }));
}
