//! What messages say, in the terms of the program.

use std::sync::Arc;

use p4::ir::MatchKind;
use p4::table::{Arguments, Count, EntryKey, Match, Matches, Note};
use p4runtime::{InvalidBytes, v1, value};
use smallvec::{SmallVec, smallvec};
use v1::field_match::FieldMatchType;
use v1::p4_data::Data;
use v1::table_action::Type as ActionType;

use crate::names::{Element, Field, Register, Table};
use crate::refusal::Refusal;

/// How many bytes of metadata are kept with an entry.
pub(crate) const MAX_METADATA_BYTES: usize = 1 << 16;

/// Which entry is meant. Whether the priority is right for the table is not looked at here.
pub(crate) fn key(table: &Table, entry: &v1::TableEntry) -> Result<EntryKey, Refusal> {
    Ok(EntryKey {
        table: table.table,
        matches: matches(table, &entry.r#match)?,
        priority: priority(entry)?,
    })
}

/// The matches for all fields, in their order. A field that is left out matches any value.
pub(crate) fn matches(table: &Table, given: &[v1::FieldMatch]) -> Result<Matches, Refusal> {
    let mut found: SmallVec<[Option<Match>; 4]> = smallvec![None; table.fields.len()];
    for one in given {
        let unknown = || Refusal::UnknownField { table: name(table), id: one.field_id };
        let mut fields = table.fields.iter().zip(&mut found);
        let (field, slot) =
            fields.find(|(field, _)| field.id == one.field_id).ok_or_else(unknown)?;
        if slot.is_some() {
            let (table, field) = (name(table), Arc::clone(&field.name));
            return Err(Refusal::FieldTwice { table, field });
        }
        *slot = Some(In { table, field }.one(one)?);
    }
    let fields = table.fields.iter().zip(found);
    fields.map(|(field, found)| found.map_or_else(|| In { table, field }.left_out(), Ok)).collect()
}

/// The priority of an entry; 0 is none.
pub(crate) fn priority(entry: &v1::TableEntry) -> Result<u32, Refusal> {
    let priority = entry.priority;
    u32::try_from(priority).map_err(|_| Refusal::NegativePriority(priority))
}

/// The place of the action in the table, and its arguments.
pub(crate) fn action(
    table: &Table,
    action: Option<&v1::TableAction>,
) -> Result<(usize, Arguments), Refusal> {
    let action = direct_action(table, action)?.ok_or(Refusal::NoAction)?;
    let id = action.action_id;
    let place = table.action(id);
    let found = place.and_then(|place| Some((place, table.actions.get(place)?)));
    let (place, named) = found.ok_or_else(|| Refusal::UnknownAction { table: name(table), id })?;
    let called = || Arc::clone(&named.name);
    let mut values: SmallVec<[Option<u128>; 4]> = smallvec![None; named.parameters.len()];
    for one in &action.params {
        let unknown = || Refusal::UnknownParameter { action: called(), id: one.param_id };
        let mut parameters = named.parameters.iter().zip(&mut values);
        let (parameter, slot) =
            parameters.find(|(parameter, _)| parameter.id == one.param_id).ok_or_else(unknown)?;
        if slot.is_some() {
            let parameter = Arc::clone(&parameter.name);
            return Err(Refusal::ParameterTwice { action: called(), parameter });
        }
        *slot = Some(value(&one.value, parameter.width).map_err(|error| {
            let parameter = Arc::clone(&parameter.name);
            Refusal::ParameterBytes { action: called(), parameter, error }
        })?);
    }
    let parameters = named.parameters.iter().zip(values);
    let arguments = parameters.map(|(parameter, value)| {
        let parameter = || Arc::clone(&parameter.name);
        value.ok_or_else(|| Refusal::ParameterMissing { action: called(), parameter: parameter() })
    });
    Ok((place, arguments.collect::<Result<_, _>>()?))
}

/// The action itself, if there is one.
pub(crate) fn direct_action<'m>(
    table: &Table,
    action: Option<&'m v1::TableAction>,
) -> Result<Option<&'m v1::Action>, Refusal> {
    match action.and_then(|action| action.r#type.as_ref()) {
        None => Ok(None),
        Some(ActionType::Action(action)) => Ok(Some(action)),
        Some(
            ActionType::ActionProfileMemberId(_)
            | ActionType::ActionProfileGroupId(_)
            | ActionType::ActionProfileActionSet(_),
        ) => Err(Refusal::ActionProfile { table: name(table) }),
    }
}

/// What a counter is to be at.
pub(crate) fn count(data: v1::CounterData) -> Result<Count, Refusal> {
    let v1::CounterData { byte_count, packet_count } = data;
    let number = |count| u64::try_from(count).map_err(|_| Refusal::NegativeCount(count));
    Ok(Count { packets: number(packet_count)?, bytes: number(byte_count)? })
}

/// What the controller wants to be kept with an entry.
pub(crate) fn note(entry: &v1::TableEntry) -> Result<Option<Arc<Note>>, Refusal> {
    #[expect(deprecated, reason = "older controllers use it")]
    let cookie = entry.controller_metadata;
    let length = entry.metadata.len();
    if length > MAX_METADATA_BYTES {
        return Err(Refusal::MetadataTooLong { length, most: MAX_METADATA_BYTES });
    }
    let is_there = cookie != 0 || length > 0;
    Ok(is_there.then(|| Arc::new(Note { cookie, bytes: entry.metadata.as_slice().into() })))
}

/// Which element of an array is meant; none if it is all of them.
pub(crate) fn index(
    array: &Arc<str>,
    size: u64,
    index: Option<v1::Index>,
) -> Result<Option<u64>, Refusal> {
    let Some(v1::Index { index }) = index else { return Ok(None) };
    match u64::try_from(index) {
        Err(_) => Err(Refusal::NegativeIndex(index)),
        Ok(index) if index >= size => {
            Err(Refusal::IndexTooLarge { name: Arc::clone(array), size, index })
        }
        Ok(index) => Ok(Some(index)),
    }
}

/// What an element of a register is to be.
pub(crate) fn element(register: &Register, data: &v1::P4Data) -> Result<u128, Refusal> {
    let bytes = |bytes: &[u8], width| {
        let name = || Arc::clone(&register.name);
        value(bytes, width).map_err(|error| Refusal::DataBytes { name: name(), error })
    };
    match (register.element, &data.data) {
        (Element::Bool, Some(Data::Bool(value))) => Ok(u128::from(*value)),
        (Element::Bits(width), Some(Data::Bitstring(value)))
        | (Element::Enum(width), Some(Data::EnumValue(value))) => bytes(value, width),
        (element, _) => {
            let expected = match element {
                Element::Bool => "booleans (bool)",
                Element::Bits(_) => "bit strings (bitstring)",
                Element::Enum(_) => "values of an enumeration (enum_value)",
            };
            Err(Refusal::OtherData { name: Arc::clone(&register.name), expected })
        }
    }
}

/// A field of a table, for its matches.
#[derive(Clone, Copy)]
struct In<'n> {
    table: &'n Table,
    field: &'n Field,
}

impl In<'_> {
    fn one(self, given: &v1::FieldMatch) -> Result<Match, Refusal> {
        let kind = self.field.kind;
        let Some(said) = &given.field_match_type else {
            let (table, field) = self.names();
            return Err(Refusal::NoMatch { table, field, expected: kind });
        };
        let found = match (kind, said) {
            (MatchKind::Exact, FieldMatchType::Exact(exact)) => {
                return Ok(Match::Exact(self.value("the value", &exact.value)?));
            }
            (MatchKind::Optional, FieldMatchType::Optional(optional)) => {
                return Ok(Match::Optional(Some(self.value("the value", &optional.value)?)));
            }
            (MatchKind::Lpm, FieldMatchType::Lpm(lpm)) => {
                let (value, length) = (self.value("the value", &lpm.value)?, lpm.prefix_len);
                let prefix_length = u32::try_from(length).map_err(|_| {
                    let (table, field) = self.names();
                    Refusal::NegativePrefix { table, field, length }
                })?;
                return self.unless(prefix_length == 0, Match::Lpm { value, prefix_length });
            }
            (MatchKind::Ternary, FieldMatchType::Ternary(ternary)) => {
                let value = self.value("the value", &ternary.value)?;
                let mask = self.value("the mask", &ternary.mask)?;
                return self.unless(mask == 0, Match::Ternary { value, mask });
            }
            (MatchKind::Range, FieldMatchType::Range(range)) => {
                let low = self.value("the lower bound", &range.low)?;
                let high = self.value("the upper bound", &range.high)?;
                return self.unless((low, high) == self.field.whole(), Match::Range { low, high });
            }
            (_, FieldMatchType::Exact(_)) => "exact",
            (_, FieldMatchType::Optional(_)) => "optional",
            (_, FieldMatchType::Lpm(_)) => "lpm",
            (_, FieldMatchType::Ternary(_)) => "ternary",
            (_, FieldMatchType::Range(_)) => "range",
            (_, FieldMatchType::Other(_)) => "in another way",
        };
        let (table, field) = self.names();
        Err(Refusal::OtherMatch { table, field, expected: kind, found })
    }

    /// The match, unless it is for any value: then it is to be left out.
    fn unless(self, is_for_any: bool, one: Match) -> Result<Match, Refusal> {
        if !is_for_any {
            return Ok(one);
        }
        let (table, field) = self.names();
        Err(Refusal::DoesNotMatter { table, field })
    }

    /// The match of a field that is left out.
    fn left_out(self) -> Result<Match, Refusal> {
        match self.field.kind {
            MatchKind::Exact => {
                let (table, field) = self.names();
                Err(Refusal::FieldMissing { table, field })
            }
            MatchKind::Lpm => Ok(Match::Lpm { value: 0, prefix_length: 0 }),
            MatchKind::Ternary => Ok(Match::Ternary { value: 0, mask: 0 }),
            MatchKind::Optional => Ok(Match::Optional(None)),
            MatchKind::Range => {
                let (low, high) = self.field.whole();
                Ok(Match::Range { low, high })
            }
        }
    }

    fn value(self, what: &'static str, bytes: &[u8]) -> Result<u128, Refusal> {
        value(bytes, self.field.width).map_err(|error: InvalidBytes| {
            let (table, field) = self.names();
            Refusal::FieldBytes { table, field, what, error }
        })
    }

    fn names(self) -> (Arc<str>, Arc<str>) {
        (name(self.table), Arc::clone(&self.field.name))
    }
}

fn name(table: &Table) -> Arc<str> {
    Arc::clone(&table.name)
}
