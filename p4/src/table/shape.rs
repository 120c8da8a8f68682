//! What a table can hold, and whether a write fits it.

use std::sync::Arc;

use super::entry::{Entry, EntryKey, Match, Matches};
use super::error::WriteError;
use crate::ir::{self, MatchKind, TableId, Type, ValueSet};

/// What the program says of a table, as far as entries have to do with it.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: Arc<str>,
    pub(super) keys: Vec<KeyShape>,
    actions: Vec<ActionShape>,
    /// Whether entries are in an order that the control plane gives.
    pub(super) has_priorities: bool,
    has_const_entries: bool,
    has_const_default: bool,
    pub(super) default_action: (usize, Vec<u128>),
}

#[derive(Clone, Debug)]
pub(super) struct KeyShape {
    name: Arc<str>,
    pub(super) width: u32,
    pub(super) kind: MatchKind,
    pub(super) is_signed: bool,
}

#[derive(Debug)]
struct ActionShape {
    name: Arc<str>,
    parameters: Vec<(Arc<str>, u32)>,
    default_only: bool,
    table_only: bool,
}

impl Shape {
    pub(super) fn new(program: &ir::Program, table: &ir::Table) -> Shape {
        let keys: Vec<KeyShape> = table.keys.iter().map(KeyShape::new).collect();
        let actions = table.actions.iter().map(|action| ActionShape::new(program, action));
        let has_priorities = keys.iter().any(|key| {
            matches!(key.kind, MatchKind::Ternary | MatchKind::Range | MatchKind::Optional)
        });
        Shape {
            name: Arc::clone(&table.name),
            actions: actions.collect(),
            keys,
            has_priorities,
            has_const_entries: table.has_const_entries,
            has_const_default: table.has_const_default,
            default_action: table.default_action.clone(),
        }
    }

    /// An entry of the program in the form of the store.
    pub(super) fn program_entry(&self, table: TableId, entry: &ir::Entry) -> Entry {
        let keys = self.keys.iter().zip(&entry.keys);
        Entry {
            key: EntryKey {
                table,
                matches: keys.map(|(key, set)| key.match_of(*set)).collect(),
                priority: if self.has_priorities { entry.priority.max(1) } else { 0 },
            },
            action: entry.action,
            arguments: entry.arguments.iter().copied().collect(),
            is_const: entry.is_const || self.has_const_entries,
            counter: Arc::default(),
            note: None,
        }
    }

    /// Whether entries come and go at all.
    pub(super) fn check_entries_change(&self) -> Result<(), WriteError> {
        if self.has_const_entries {
            return Err(WriteError::ConstEntries { table: Arc::clone(&self.name) });
        }
        Ok(())
    }

    /// Whether the default action can be another.
    pub(super) fn check_default_changes(&self) -> Result<(), WriteError> {
        if self.has_const_default {
            return Err(WriteError::ConstDefault { table: Arc::clone(&self.name) });
        }
        Ok(())
    }

    /// Whether there can be such an entry.
    pub(super) fn check_key(&self, key: &EntryKey) -> Result<(), WriteError> {
        let table = || Arc::clone(&self.name);
        let (expected, found) = (self.keys.len(), key.matches.len());
        if expected == 0 {
            return Err(WriteError::NoKey { table: table() });
        }
        if expected != found {
            return Err(WriteError::KeyCount { table: table(), expected, found });
        }
        for (shape, element) in self.keys.iter().zip(&key.matches) {
            shape.check(&self.name, element)?;
        }
        match (self.has_priorities, key.priority) {
            (true, 0) => Err(WriteError::PriorityMissing { table: table() }),
            (false, 1..) => {
                Err(WriteError::PriorityNotAllowed { table: table(), priority: key.priority })
            }
            _ => Ok(()),
        }
    }

    /// Whether an entry can have this action.
    pub(super) fn check_action(&self, action: usize, arguments: &[u128]) -> Result<(), WriteError> {
        let shape = self.checked_action(action, arguments)?;
        if shape.default_only {
            let (table, action) = (Arc::clone(&self.name), Arc::clone(&shape.name));
            return Err(WriteError::DefaultOnly { table, action });
        }
        Ok(())
    }

    /// Whether this can be the default action.
    pub(super) fn check_default(
        &self,
        action: usize,
        arguments: &[u128],
    ) -> Result<(), WriteError> {
        let shape = self.checked_action(action, arguments)?;
        if shape.table_only {
            let (table, action) = (Arc::clone(&self.name), Arc::clone(&shape.name));
            return Err(WriteError::TableOnly { table, action });
        }
        Ok(())
    }

    fn checked_action(
        &self,
        action: usize,
        arguments: &[u128],
    ) -> Result<&ActionShape, WriteError> {
        let Some(shape) = self.actions.get(action) else {
            let (table, actions) = (Arc::clone(&self.name), self.actions.len());
            return Err(WriteError::UnknownAction { table, action, actions });
        };
        let (expected, found) = (shape.parameters.len(), arguments.len());
        if expected != found {
            let action = Arc::clone(&shape.name);
            return Err(WriteError::ArgumentCount { action, expected, found });
        }
        for ((parameter, width), value) in shape.parameters.iter().zip(arguments) {
            if !fits(*value, *width) {
                return Err(WriteError::ArgumentTooWide {
                    action: Arc::clone(&shape.name),
                    parameter: Arc::clone(parameter),
                    width: *width,
                    value: *value,
                });
            }
        }
        Ok(shape)
    }
}

impl KeyShape {
    fn new(key: &ir::TableKey) -> KeyShape {
        KeyShape {
            name: Arc::clone(&key.name),
            width: key.width,
            kind: key.match_kind,
            is_signed: matches!(key.expression.ty, Type::Int(_)),
        }
    }

    /// A number that is ordered without sign as the value is with its sign, if it has one.
    pub(super) fn ordered(&self, value: u128) -> u128 {
        if self.is_signed { value ^ (1 << (self.width - 1)) } else { value }
    }

    /// Whether a packet's value is one of those.
    pub(super) fn accepts(&self, element: &Match, value: u128) -> bool {
        match *element {
            Match::Exact(wanted) | Match::Optional(Some(wanted)) => value == wanted,
            Match::Optional(None) => true,
            Match::Lpm { value: wanted, prefix_length } => {
                value & self.prefix_mask(prefix_length) == wanted
            }
            Match::Ternary { value: wanted, mask } => value & mask == wanted,
            Match::Range { low, high } => {
                let value = self.ordered(value);
                self.ordered(low) <= value && value <= self.ordered(high)
            }
        }
    }

    /// Whether there are values in both.
    pub(super) fn overlap(&self, one: &Match, other: &Match) -> bool {
        match (*one, *other) {
            (Match::Range { low, high }, Match::Range { low: other_low, high: other_high }) => {
                self.ordered(low) <= self.ordered(other_high)
                    && self.ordered(other_low) <= self.ordered(high)
            }
            (Match::Optional(Some(one)), Match::Optional(Some(other))) => one == other,
            (Match::Optional(_), Match::Optional(_)) => true,
            (one, other) => {
                let ((value, mask), (other, other_mask)) = (self.masked(one), self.masked(other));
                (value ^ other) & mask & other_mask == 0
            }
        }
    }

    fn masked(&self, element: Match) -> (u128, u128) {
        match element {
            Match::Lpm { value, prefix_length } => (value, self.prefix_mask(prefix_length)),
            Match::Ternary { value, mask } => (value, mask),
            Match::Exact(value) | Match::Range { low: value, .. } => (value, u128::MAX),
            Match::Optional(value) => value.map_or((0, 0), |value| (value, u128::MAX)),
        }
    }

    /// The leading ones of a prefix, in the width of the element.
    fn prefix_mask(&self, length: u32) -> u128 {
        let ones = ones(self.width);
        ones & !ones.checked_shr(length).unwrap_or(0)
    }

    fn check(&self, table: &Arc<str>, element: &Match) -> Result<(), WriteError> {
        let (table, key, width) = (Arc::clone(table), Arc::clone(&self.name), self.width);
        if element.kind() != self.kind {
            let (expected, found) = (self.kind, element.kind());
            return Err(WriteError::WrongMatchKind { table, key, expected, found });
        }
        let values = match *element {
            Match::Exact(value) | Match::Lpm { value, .. } => [value, 0],
            Match::Ternary { value, mask } => [value, mask],
            Match::Range { low, high } => [low, high],
            Match::Optional(value) => [value.unwrap_or(0), 0],
        };
        if let Some(value) = values.into_iter().find(|value| !fits(*value, width)) {
            return Err(WriteError::KeyTooWide { table, key, width, value });
        }
        let (value, mask) = match *element {
            Match::Lpm { prefix_length, .. } if prefix_length > width => {
                return Err(WriteError::PrefixTooLong { table, key, width, prefix_length });
            }
            Match::Range { low, high } if self.ordered(low) > self.ordered(high) => {
                return Err(WriteError::LowAboveHigh { table, key, low, high });
            }
            Match::Lpm { value, prefix_length } => (value, self.prefix_mask(prefix_length)),
            Match::Ternary { value, mask } => (value, mask),
            Match::Exact(_) | Match::Range { .. } | Match::Optional(_) => return Ok(()),
        };
        if value & !mask != 0 {
            return Err(WriteError::BitsOutsideMask { table, key, value, mask });
        }
        Ok(())
    }

    /// A set of values that the program gives. The checker sees to it that the sets are of a form
    /// that the element's kind has.
    fn match_of(&self, set: ValueSet) -> Match {
        let all = ones(self.width);
        let (value, mask) = match set {
            ValueSet::Any => (0, 0),
            ValueSet::Value(value) => (value, all),
            ValueSet::Mask { value, mask } => (value & mask, mask),
            ValueSet::Range { low, .. } => (low, all),
        };
        match self.kind {
            MatchKind::Exact => Match::Exact(value),
            MatchKind::Lpm => Match::Lpm { value, prefix_length: mask.count_ones() },
            MatchKind::Ternary => Match::Ternary { value, mask },
            MatchKind::Optional => Match::Optional((set != ValueSet::Any).then_some(value)),
            MatchKind::Range => match set {
                ValueSet::Range { low, high } => Match::Range { low, high },
                // From 0 or, if it is signed, from the least number.
                ValueSet::Any => Match::Range { low: self.ordered(0), high: self.ordered(all) },
                ValueSet::Value(_) | ValueSet::Mask { .. } => {
                    Match::Range { low: value, high: value | (all & !mask) }
                }
            },
        }
    }
}

impl ActionShape {
    fn new(program: &ir::Program, action: &ir::TableAction) -> ActionShape {
        let declared = program.actions.get(action.action.index());
        let parameters = declared.map(|declared| declared.control_parameters.as_slice());
        let parameters = parameters.unwrap_or_default().iter();
        ActionShape {
            name: declared.map_or_else(|| Arc::from(""), |declared| Arc::clone(&declared.name)),
            parameters: parameters.map(|one| (Arc::clone(&one.name), one.width)).collect(),
            default_only: action.default_only,
            table_only: action.table_only,
        }
    }
}

/// The places of a key's elements, by what they are good for in a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// There is no key.
    None,
    /// Exact elements only.
    Exact,
    /// One lpm element, the others exact.
    Prefix(usize),
    /// One range element, the others exact.
    Range(usize),
    /// Anything else.
    Ordered,
}

impl Layout {
    pub(super) fn of(keys: &[KeyShape]) -> Layout {
        let mut others = keys.iter().enumerate().filter(|(_, key)| key.kind != MatchKind::Exact);
        match (keys.is_empty(), others.next(), others.next()) {
            (true, ..) => Layout::None,
            (false, None, _) => Layout::Exact,
            (false, Some((place, key)), None) if key.kind == MatchKind::Lpm => {
                Layout::Prefix(place)
            }
            (false, Some((place, key)), None) if key.kind == MatchKind::Range => {
                Layout::Range(place)
            }
            _ => Layout::Ordered,
        }
    }
}

/// Whether all elements accept the packet's values.
pub(super) fn accepts(keys: &[KeyShape], matches: &Matches, values: &[u128]) -> bool {
    keys.len() == values.len()
        && keys
            .iter()
            .zip(matches)
            .zip(values)
            .all(|((key, element), value)| key.accepts(element, *value))
}

fn ones(width: u32) -> u128 {
    u128::MAX.checked_shr(u128::BITS - width.min(u128::BITS)).unwrap_or(0)
}

fn fits(value: u128, width: u32) -> bool {
    value & !ones(width) == 0
}
