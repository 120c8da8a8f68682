//! The entries of tables that stand in the program (specification 14.2.1.4).

use std::collections::HashMap;

use super::Checker;
use super::keys::Key;
use super::numbers;
use super::problem::CheckProblem;
use super::sets::ENTRY;
use super::tables::Listed;
use super::types::Ty;
use crate::ir::{self, MatchKind, ValueSet};
use crate::source::Span;
use crate::syntax::ast::{self, PropertyValue};

/// The greatest priority of an entry.
const MAX_PRIORITY: i64 = i32::MAX as i64;

impl<'a> Checker<'a> {
    /// The entries, and whether there can be no others.
    pub(super) fn entries(
        &mut self,
        properties: &HashMap<&'a str, &'a ast::Property>,
        keys: &[Key],
        listed: &[Listed<'a>],
        actions: &[ir::TableAction],
    ) -> Option<(Vec<ir::Entry>, bool)> {
        let (largest_wins, delta) = self.priority_rules(properties)?;
        let Some(property) = properties.get("entries") else { return Some((Vec::new(), false)) };
        let PropertyValue::Entries(written) = &property.value else { return None };
        if keys.is_empty() && !written.is_empty() {
            return self.refuse(property.span, CheckProblem::EntriesWithoutKey);
        }
        let needs_priority =
            keys.iter().any(|key| !matches!(key.key.match_kind, MatchKind::Exact | MatchKind::Lpm));
        let first = written.iter().find_map(|entry| entry.priority.as_ref());
        if let (Some(first), true) = (first, property.is_const) {
            return self.refuse(first.span, CheckProblem::PriorityOfConst);
        }
        let priorities = self.priorities(written, needs_priority, largest_wins, delta)?;
        let mut entries: Vec<ir::Entry> = Vec::new();
        let mut failed = false;
        for (entry, priority) in written.iter().zip(priorities) {
            match self.entry(entry, priority, property.is_const, keys, listed, actions) {
                Some(entry) => entries.push(entry),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        self.distinct(&entries, written)?;
        Some((entries, property.is_const))
    }

    fn priority_rules(
        &mut self,
        properties: &HashMap<&'a str, &'a ast::Property>,
    ) -> Option<(bool, i64)> {
        let largest_wins = match properties.get("largest_priority_wins").map(|one| &one.value) {
            Some(PropertyValue::Expression(value)) => {
                let operand = self.expression(value)?;
                self.convert_constant(operand, &Ty::Bool, "`largest_priority_wins`")? == 1
            }
            _ => true,
        };
        let delta = match properties.get("priority_delta").map(|one| &one.value) {
            Some(PropertyValue::Expression(value)) => {
                let operand = self.expression(value)?;
                let greatest = MAX_PRIORITY.unsigned_abs();
                self.number_within(operand, "`priority_delta`", 1, greatest)?
            }
            _ => 1,
        };
        Some((largest_wins, i64::try_from(delta).ok()?))
    }

    /// The priorities of the entries such that the larger wins, 0 where the key needs none.
    fn priorities(
        &mut self,
        written: &'a [ast::Entry],
        needs_priority: bool,
        largest_wins: bool,
        delta: i64,
    ) -> Option<Vec<u32>> {
        let mut given = Vec::new();
        for entry in written {
            given.push(match &entry.priority {
                Some(value) if needs_priority => {
                    let operand = self.expression(value)?;
                    let greatest = MAX_PRIORITY.unsigned_abs();
                    let number = self.number_within(operand, "a priority", 1, greatest)?;
                    Some(i64::try_from(number).ok()?)
                }
                Some(value) => return self.refuse(value.span, CheckProblem::NeedlessPriority),
                None => None,
            });
        }
        if !needs_priority {
            return Some(vec![0; written.len()]);
        }
        let count = i64::try_from(written.len()).ok()?;
        let mut priorities: Vec<i64> = Vec::new();
        let has_some = given.iter().any(Option::is_some);
        for (index, (priority, entry)) in (0_i64..).zip(given.iter().zip(written)) {
            let next = match (priority, priorities.last()) {
                (Some(priority), _) => *priority,
                (None, None) if has_some => {
                    return self.refuse(entry.span, CheckProblem::FirstWithoutPriority);
                }
                (None, _) if !has_some && largest_wins => {
                    (count - 1 - index).saturating_mul(delta).saturating_add(1)
                }
                (None, None) => 1,
                (None, Some(last)) if largest_wins => last.saturating_sub(delta),
                (None, Some(last)) => last.saturating_add(delta),
            };
            if !(1..=MAX_PRIORITY).contains(&next) {
                let (what, value) = ("the priority of this entry", next.to_string());
                let (low, high) = (1, MAX_PRIORITY.unsigned_abs());
                return self
                    .refuse(entry.span, CheckProblem::OutOfRange { what, value, low, high });
            }
            priorities.push(next);
        }
        let greatest = priorities.iter().copied().max().unwrap_or(0);
        let turned = priorities.into_iter().map(|priority| {
            let larger_wins = if largest_wins { priority } else { greatest + 1 - priority };
            u32::try_from(larger_wins).ok()
        });
        turned.collect()
    }

    fn entry(
        &mut self,
        entry: &'a ast::Entry,
        priority: u32,
        all_const: bool,
        keys: &[Key],
        listed: &[Listed<'a>],
        actions: &[ir::TableAction],
    ) -> Option<ir::Entry> {
        let types: Vec<Ty> = keys.iter().map(|key| key.ty.clone()).collect();
        let sets = self.case_sets(&entry.keys, &types, entry.span, ENTRY);
        let reference = &entry.action;
        let chosen =
            self.chosen_action(&reference.path, &reference.arguments, listed, reference.span);
        let (sets, (action, arguments)) = (sets?, chosen?);
        if actions.get(action).is_some_and(|action| action.default_only) {
            let name = reference.path.name.text.to_string();
            return self.refuse(reference.span, CheckProblem::DefaultOnly { name });
        }
        let mut lowered = Vec::new();
        let written = set_spans(&entry.keys);
        for (index, (set, key)) in sets.into_iter().zip(keys).enumerate() {
            let span = written.get(index).copied().unwrap_or(entry.span);
            lowered.push(self.key_set(set, &key.key, span)?);
        }
        let is_const = entry.is_const || all_const;
        Some(ir::Entry { keys: lowered, priority, action, arguments, is_const })
    }

    /// The set in the form that its match kind has.
    fn key_set(&mut self, set: ValueSet, key: &ir::TableKey, span: Span) -> Option<ValueSet> {
        let ones = numbers::ones(key.width);
        let kind = match key.match_kind {
            MatchKind::Exact => "exact",
            MatchKind::Lpm => "lpm",
            MatchKind::Ternary => "ternary",
            MatchKind::Range => "range",
            MatchKind::Optional => "optional",
        };
        let found = match (key.match_kind, set) {
            (MatchKind::Exact, ValueSet::Value(_)) => return Some(set),
            (MatchKind::Lpm, ValueSet::Any) => {
                return Some(ValueSet::Mask { value: 0, mask: 0 });
            }
            (MatchKind::Lpm, ValueSet::Value(value)) => {
                return Some(ValueSet::Mask { value, mask: ones });
            }
            (MatchKind::Lpm, ValueSet::Mask { mask, .. }) => {
                let rest = !mask & ones;
                if rest & rest.wrapping_add(1) == 0 {
                    return Some(set);
                }
                "a mask that is no prefix"
            }
            (MatchKind::Ternary, ValueSet::Range { .. }) => "a range",
            (MatchKind::Ternary, _) => return Some(set),
            (MatchKind::Range, ValueSet::Mask { .. }) => "a mask",
            (MatchKind::Range, _) => return Some(set),
            (MatchKind::Optional, ValueSet::Any | ValueSet::Value(_)) => return Some(set),
            (_, ValueSet::Any) => "`_`",
            (_, ValueSet::Mask { .. }) => "a mask",
            (_, ValueSet::Range { .. }) => "a range",
        };
        let key = key.name.to_string();
        self.refuse(span, CheckProblem::SetOfMatchKind { kind, key, found })
    }

    /// No two entries may be the same.
    fn distinct(&mut self, entries: &[ir::Entry], written: &'a [ast::Entry]) -> Option<()> {
        let mut seen: HashMap<String, Span> = HashMap::new();
        for (entry, written) in entries.iter().zip(written) {
            let identity = format!("{:?} {}", entry.keys, entry.priority);
            if let Some(first) = seen.insert(identity, written.span) {
                let related = vec![(first, "the first one is here")];
                self.report_with(written.span, CheckProblem::SecondEntry, related);
                return None;
            }
        }
        Some(())
    }
}

/// Where the sets of an entry stand.
fn set_spans(sets: &[ast::Expression]) -> Vec<Span> {
    match sets {
        [ast::Expression { kind: ast::ExpressionKind::Tuple(inner), .. }] => {
            inner.iter().map(|set| set.span).collect()
        }
        other => other.iter().map(|set| set.span).collect(),
    }
}
