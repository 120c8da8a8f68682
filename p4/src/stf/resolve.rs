//! From the words of a script to writes of tables.

use std::sync::Arc;

use super::names::{Found, find, of_key, of_key_in_script};
use super::problem::{Misplaced, ScriptProblem};
use super::script::{ActionText, MatchForm, MatchText, Number, Word};
use crate::ir::{ExternId, ExternKind, MatchKind, Program, Table, TableId, TableKey, Type};
use crate::source::Span;
use crate::table::{Arguments, EntryKey, Match, WriteError};

/// The table of this name.
pub(super) fn table<'a>(
    program: &'a Program,
    name: &Word,
) -> Result<(TableId, &'a Table), Misplaced> {
    let tables = &program.tables;
    let text = || name.text.clone();
    let named = |place: usize| tables.get(place).map_or_else(nothing, |t| Arc::clone(&t.name));
    let problem = match find(&name.text, tables.iter().map(|table| &*table.name), true) {
        Found::One(place) => match (u32::try_from(place), tables.get(place)) {
            (Ok(number), Some(table)) => return Ok((TableId(number), table)),
            _ => ScriptProblem::UnknownTable { name: text() },
        },
        Found::None => ScriptProblem::UnknownTable { name: text() },
        Found::Several(first, second) => {
            let (first, second) = (named(first), named(second));
            ScriptProblem::AmbiguousTable { name: text(), first, second }
        }
    };
    Err(problem.at(name.span))
}

/// The counter of this name.
pub(super) fn counter(program: &Program, name: &Word) -> Result<ExternId, Misplaced> {
    let counters: Vec<_> = (0..)
        .map(ExternId)
        .zip(&program.externs)
        .filter(|(_, one)| !matches!(one.kind, ExternKind::Register { .. }))
        .collect();
    let text = || name.text.clone();
    let named =
        |place: usize| counters.get(place).map_or_else(nothing, |(_, one)| Arc::clone(&one.name));
    let problem = match find(&name.text, counters.iter().map(|(_, one)| &*one.name), true) {
        Found::One(place) => match counters.get(place) {
            Some((id, _)) => return Ok(*id),
            None => ScriptProblem::UnknownCounter { name: text() },
        },
        Found::None => ScriptProblem::UnknownCounter { name: text() },
        Found::Several(first, second) => {
            let (first, second) = (named(first), named(second));
            ScriptProblem::AmbiguousCounter { name: text(), first, second }
        }
    };
    Err(problem.at(name.span))
}

/// The key of an entry. What the script does not give matches anything or, if it is exact, zero,
/// as in p4c's runner; so does a priority go unheard where entries have none.
pub(super) fn key(
    id: TableId,
    table: &Table,
    priority: Option<u32>,
    given: &[(Word, MatchText)],
) -> Result<EntryKey, Misplaced> {
    let mut matches: Vec<Option<Match>> = vec![None; table.keys.len()];
    for (name, text) in given {
        let place = key_place(table, name)?;
        let (Some(slot), Some(key)) = (matches.get_mut(place), table.keys.get(place)) else {
            let (table, name, span) = (Arc::clone(&table.name), name.text.clone(), name.span);
            return Err(ScriptProblem::UnknownKey { table, name }.at(span));
        };
        if slot.is_some() {
            return Err(ScriptProblem::KeyTwice { key: Arc::clone(&key.name) }.at(name.span));
        }
        *slot = Some(match_of(key, text)?);
    }
    let has_priorities = table.keys.iter().any(|key| {
        matches!(key.match_kind, MatchKind::Ternary | MatchKind::Range | MatchKind::Optional)
    });
    let elements = matches.into_iter().zip(&table.keys);
    Ok(EntryKey {
        table: id,
        matches: elements.map(|(given, key)| given.unwrap_or_else(|| anything(key))).collect(),
        priority: if has_priorities { priority.unwrap_or(0) } else { 0 },
    })
}

/// The place of an action in the table's list, and its arguments.
pub(super) fn action(
    program: &Program,
    table: &Table,
    text: &ActionText,
) -> Result<(usize, Arguments), Misplaced> {
    let actions: Vec<_> = table
        .actions
        .iter()
        .filter_map(|action| program.actions.get(action.action.index()))
        .collect();
    let name = &text.name;
    let here = || (Arc::clone(&table.name), name.text.clone());
    let unknown = || {
        let (table, name) = here();
        ScriptProblem::UnknownAction { table, name }
    };
    let place = match find(&name.text, actions.iter().map(|action| &*action.name), true) {
        Found::One(place) => place,
        Found::None => return Err(unknown().at(name.span)),
        Found::Several(first, second) => {
            let named =
                |place: usize| actions.get(place).map_or_else(nothing, |a| Arc::clone(&a.name));
            let ((table, name), first, second) = (here(), named(first), named(second));
            let problem = ScriptProblem::AmbiguousAction { table, name, first, second };
            return Err(problem.at(text.name.span));
        }
    };
    let Some(action) = actions.get(place) else { return Err(unknown().at(name.span)) };
    let parameters = &action.control_parameters;
    let called = || Arc::clone(&action.name);
    let (expected, found) = (parameters.len(), text.arguments.len());
    let mut values: Vec<Option<u128>> = vec![None; expected];
    for (number, argument) in text.arguments.iter().enumerate() {
        let place = match &argument.name {
            None => number,
            Some(name) => {
                let place = parameters.iter().position(|one| *one.name == *name.text);
                let (action, name, span) = (called(), name.text.clone(), name.span);
                place.ok_or(ScriptProblem::UnknownParameter { action, name }.at(span))?
            }
        };
        let Some(slot) = values.get_mut(place) else {
            let count = ScriptProblem::ArgumentCount { action: called(), expected, found };
            return Err(count.at(argument.value.span));
        };
        if slot.is_some() {
            let parameter = parameters.get(place).map_or_else(nothing, |p| Arc::clone(&p.name));
            let twice = ScriptProblem::ArgumentTwice { action: called(), parameter };
            return Err(twice.at(argument.value.span));
        }
        *slot = Some(argument.value.value);
    }
    let missing = values.iter().zip(parameters).find(|(value, _)| value.is_none());
    if let Some((_, parameter)) = missing {
        let (action, parameter) = (called(), Arc::clone(&parameter.name));
        return Err(ScriptProblem::MissingArgument { action, parameter }.at(text.span));
    }
    Ok((place, values.into_iter().flatten().collect()))
}

/// Where a script says what a table refuses: a value of a key, an argument, or else the whole
/// statement.
pub(super) fn place_of(
    error: &WriteError,
    table: &Table,
    given: &[(Word, MatchText)],
    action: &ActionText,
    statement: Span,
) -> Span {
    match error {
        WriteError::KeyTooWide { key, .. }
        | WriteError::PrefixTooLong { key, .. }
        | WriteError::BitsOutsideMask { key, .. }
        | WriteError::LowAboveHigh { key, .. } => {
            let is_it = |(name, _): &&(Word, MatchText)| {
                let place = key_place(table, name).ok().and_then(|place| table.keys.get(place));
                place.is_some_and(|one| one.name == *key)
            };
            given.iter().find(is_it).map_or(statement, |(_, text)| text.span)
        }
        WriteError::ArgumentTooWide { value, .. } => {
            let mut arguments = action.arguments.iter();
            let found = arguments.find(|argument| argument.value.value == *value);
            found.map_or(statement, |argument| argument.value.span)
        }
        _ => statement,
    }
}

fn key_place(table: &Table, name: &Word) -> Result<usize, Misplaced> {
    let names: Vec<String> = table.keys.iter().map(|key| of_key(&key.name)).collect();
    let wanted = of_key_in_script(&name.text);
    // A header's own name stands for its validity bit.
    let validity = format!("{wanted}.$valid$");
    let here = || (Arc::clone(&table.name), name.text.clone());
    let named = |place: usize| table.keys.get(place).map_or_else(nothing, |k| Arc::clone(&k.name));
    for wanted in [wanted, validity] {
        match find(&wanted, names.iter().map(String::as_str), false) {
            Found::One(place) => return Ok(place),
            Found::None => {}
            Found::Several(first, second) => {
                let ((table, text), first, second) = (here(), named(first), named(second));
                let problem = ScriptProblem::AmbiguousKey { table, name: text, first, second };
                return Err(problem.at(name.span));
            }
        }
    }
    let (table, text) = here();
    Err(ScriptProblem::UnknownKey { table, name: text }.at(name.span))
}

fn match_of(key: &TableKey, text: &MatchText) -> Result<Match, Misplaced> {
    let kind = key.match_kind;
    let takes = |takes| ScriptProblem::WrongForm { kind, takes }.at(text.span);
    let all = ones(key.width);
    let plain = |number: Number| match number.any {
        0 => Ok(number.value),
        _ => Err(ScriptProblem::AnyDigit.at(number.span)),
    };
    match (kind, text.form) {
        (MatchKind::Exact, MatchForm::Number(number)) => Ok(Match::Exact(plain(number)?)),
        (MatchKind::Exact, _) => Err(takes("one number")),
        (MatchKind::Lpm, MatchForm::Number(number)) => lpm(key, number),
        (MatchKind::Lpm, MatchForm::Prefix(value, length)) => {
            let (value, length) = (plain(value)?, plain(length)?);
            let prefix_length = u32::try_from(length).unwrap_or(u32::MAX);
            // Too long a prefix is for the table to refuse; here nothing is cut then.
            let behind = all.checked_shr(prefix_length).unwrap_or(0);
            Ok(Match::Lpm { value: value & !behind, prefix_length })
        }
        (MatchKind::Lpm, _) => Err(takes("one number, or a number and a prefix length")),
        (MatchKind::Ternary, MatchForm::Number(number)) if number.any == 0 => {
            Ok(Match::Ternary { value: number.value, mask: all })
        }
        // As in p4c's runner, what is not written does not matter either.
        (MatchKind::Ternary, MatchForm::Number(number)) => {
            let mask = number.written & !number.any & all;
            Ok(Match::Ternary { value: number.value, mask })
        }
        (MatchKind::Ternary, MatchForm::Masked(value, mask)) => {
            let (value, mask) = (plain(value)?, plain(mask)?);
            Ok(Match::Ternary { value: value & (mask | !all), mask })
        }
        (MatchKind::Ternary, _) => Err(takes("one number, or a number and a mask")),
        (MatchKind::Range, MatchForm::Range(low, high)) => {
            Ok(Match::Range { low: plain(low)?, high: plain(high)? })
        }
        (MatchKind::Range, MatchForm::Number(number)) => {
            let value = plain(number)?;
            Ok(Match::Range { low: value, high: value })
        }
        (MatchKind::Range, _) => Err(takes("one number, or two with an arrow between them")),
        (MatchKind::Optional, MatchForm::Number(number)) => {
            let is_any = number.any != 0 && number.any == number.written;
            Ok(Match::Optional(if is_any { None } else { Some(plain(number)?) }))
        }
        (MatchKind::Optional, _) => Err(takes("one number, or only digits that do not matter")),
    }
}

/// A prefix is what stands before the digits that do not matter.
fn lpm(key: &TableKey, number: Number) -> Result<Match, Misplaced> {
    let all = ones(key.width);
    let mask = if number.any == 0 { all } else { all & !number.any };
    let value = number.value;
    let is_prefix = (all & !mask).wrapping_add(1).is_power_of_two() || mask == 0;
    if !is_prefix {
        return Err(ScriptProblem::AnyDigit.at(number.span));
    }
    // A digit can be there for less than all of its bits: those above the key's width.
    let is_whole = number.any == 0 || mask == 0 || number.written >= all;
    if !is_whole {
        return Err(ScriptProblem::PrefixNotWhole { width: key.width }.at(number.span));
    }
    Ok(Match::Lpm { value, prefix_length: mask.count_ones() })
}

/// What an element is that the script does not give.
fn anything(key: &TableKey) -> Match {
    let all = ones(key.width);
    match key.match_kind {
        MatchKind::Exact => Match::Exact(0),
        MatchKind::Lpm => Match::Lpm { value: 0, prefix_length: 0 },
        MatchKind::Ternary => Match::Ternary { value: 0, mask: 0 },
        MatchKind::Optional => Match::Optional(None),
        MatchKind::Range if matches!(key.expression.ty, Type::Int(_)) => {
            let least = all ^ (all >> 1);
            Match::Range { low: least, high: all >> 1 }
        }
        MatchKind::Range => Match::Range { low: 0, high: all },
    }
}

fn ones(width: u32) -> u128 {
    u128::MAX.checked_shr(u128::BITS - width.min(u128::BITS)).unwrap_or(0)
}

fn nothing() -> Arc<str> {
    Arc::from("")
}
