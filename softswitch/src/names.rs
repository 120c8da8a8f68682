//! What the ids of P4Info stand for in the program. Made once for each pipeline, so that a write
//! looks up and does not search.

use std::collections::BTreeSet;
use std::sync::Arc;

use p4::Program;
use p4::ir::{self, CounterType, ExternId, ExternKind, MatchKind, TableId, Type};
use p4::p4info::{self, P4Info};

use crate::pipeline::PipelineError;

/// The things of a program that controllers name, each list in the order of P4Info.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) tables: Vec<Table>,
    pub(crate) counters: Vec<Counter>,
    pub(crate) registers: Vec<Register>,
    /// By their ids, where in the lists they are.
    tables_by_id: ById,
    counters_by_id: ById,
    registers_by_id: ById,
}

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) id: u32,
    pub(crate) name: Arc<str>,
    pub(crate) table: TableId,
    /// The elements of its key, in their order.
    pub(crate) fields: Vec<Field>,
    /// Its actions, each at its place in [`ir::Table::actions`].
    pub(crate) actions: Vec<Action>,
    /// Whether its entries have priorities.
    pub(crate) has_priorities: bool,
    /// What its entries count, if they do.
    pub(crate) counts: Option<CounterType>,
    /// Whether its default action is always the same.
    pub(crate) has_const_default: bool,
}

/// An element of a table's key.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) id: u32,
    pub(crate) name: Arc<str>,
    pub(crate) kind: MatchKind,
    pub(crate) width: u32,
    pub(crate) is_signed: bool,
}

/// An action of a table.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) id: u32,
    pub(crate) name: Arc<str>,
    pub(crate) parameters: Vec<Parameter>,
}

/// A parameter that the control plane gives its value.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) id: u32,
    pub(crate) name: Arc<str>,
    pub(crate) width: u32,
}

/// An array of counters.
#[derive(Debug)]
pub(crate) struct Counter {
    pub(crate) id: u32,
    pub(crate) name: Arc<str>,
    pub(crate) counter: ExternId,
    pub(crate) size: u64,
}

/// An array of values.
#[derive(Debug)]
pub(crate) struct Register {
    pub(crate) id: u32,
    pub(crate) name: Arc<str>,
    pub(crate) register: ExternId,
    pub(crate) size: u64,
    pub(crate) element: Element,
}

/// What a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    Bool,
    /// Of so many bits, with or without sign.
    Bits(u32),
    /// Of an enumeration whose values have so many bits.
    Enum(u32),
}

/// Ids in their order, each with a place in a list.
#[derive(Debug)]
struct ById(Vec<(u32, usize)>);

impl Names {
    /// The names of a program by its P4Info.
    ///
    /// # Errors
    ///
    /// If two things have one name, so that none can say which is meant.
    pub(crate) fn new(program: &Program, info: &P4Info) -> Result<Names, PipelineError> {
        unique("tables", info.tables.iter().map(|table| &table.preamble))?;
        unique("counters", info.counters.iter().map(|counter| &counter.preamble))?;
        unique("registers", info.registers.iter().map(|register| &register.preamble))?;
        let tables: Vec<Table> =
            info.tables.iter().filter_map(|table| Table::new(program, info, table)).collect();
        let counters: Vec<Counter> =
            info.counters.iter().filter_map(|counter| Counter::new(program, counter)).collect();
        let registers: Vec<Register> =
            info.registers.iter().filter_map(|one| Register::new(program, info, one)).collect();
        Ok(Names {
            tables_by_id: ById::new(tables.iter().map(|table| table.id)),
            counters_by_id: ById::new(counters.iter().map(|counter| counter.id)),
            registers_by_id: ById::new(registers.iter().map(|register| register.id)),
            tables,
            counters,
            registers,
        })
    }

    pub(crate) fn table(&self, id: u32) -> Option<&Table> {
        self.tables.get(self.tables_by_id.place(id)?)
    }

    pub(crate) fn counter(&self, id: u32) -> Option<&Counter> {
        self.counters.get(self.counters_by_id.place(id)?)
    }

    pub(crate) fn register(&self, id: u32) -> Option<&Register> {
        self.registers.get(self.registers_by_id.place(id)?)
    }
}

impl Table {
    fn new(program: &Program, info: &P4Info, table: &p4info::Table) -> Option<Table> {
        let (id, declared) = program.table(&table.preamble.name)?;
        let fields = table.match_fields.iter().zip(&declared.keys).map(|(field, key)| Field {
            id: field.member.id,
            name: Arc::clone(&field.member.name),
            kind: field.match_type,
            width: key.width,
            is_signed: matches!(key.expression.ty, Type::Int(_)),
        });
        let fields: Vec<Field> = fields.collect();
        let actions = table.action_refs.iter().zip(&declared.actions);
        Some(Table {
            id: table.preamble.id,
            name: Arc::clone(&table.preamble.name),
            table: id,
            has_priorities: fields.iter().any(|field| {
                matches!(field.kind, MatchKind::Ternary | MatchKind::Range | MatchKind::Optional)
            }),
            fields,
            actions: actions.map(|(one, action)| Action::new(program, info, one, action)).collect(),
            counts: declared.direct_counter.and_then(|counter| counts(program, counter)),
            has_const_default: declared.has_const_default,
        })
    }

    /// The place of an action.
    pub(crate) fn action(&self, id: u32) -> Option<usize> {
        self.actions.iter().position(|action| action.id == id)
    }
}

impl Field {
    /// The least and the greatest value, as signed numbers if it is signed.
    pub(crate) fn whole(&self) -> (u128, u128) {
        let ones = u128::MAX.checked_shr(u128::BITS - self.width.min(u128::BITS)).unwrap_or(0);
        let sign = if self.is_signed { (ones >> 1) + 1 } else { 0 };
        (sign, ones ^ sign)
    }
}

impl Action {
    fn new(
        program: &Program,
        info: &P4Info,
        reference: &p4info::ActionRef,
        action: &ir::TableAction,
    ) -> Action {
        let declared = program.ir().actions.get(action.action.index());
        let name = declared.map_or_else(|| Arc::from(""), |declared| Arc::clone(&declared.name));
        // What controllers call the parameters; one that is hidden from them has none.
        let shown = info.action(&name).map(|shown| shown.params.as_slice()).unwrap_or_default();
        Action { id: reference.id, parameters: shown.iter().map(Parameter::new).collect(), name }
    }
}

impl Parameter {
    fn new(member: &p4info::Member) -> Parameter {
        let p4info::Member { id, name, bitwidth, .. } = member;
        Parameter { id: *id, name: Arc::clone(name), width: *bitwidth }
    }
}

impl Counter {
    fn new(program: &Program, counter: &p4info::Counter) -> Option<Counter> {
        let p4info::Counter { preamble, unit: _, size } = counter;
        let counter =
            instance(program, &preamble.name, |kind| matches!(kind, ExternKind::Counter { .. }))?;
        Some(Counter { id: preamble.id, name: Arc::clone(&preamble.name), counter, size: *size })
    }
}

impl Register {
    fn new(program: &Program, info: &P4Info, register: &p4info::Register) -> Option<Register> {
        let p4info::Register { preamble, type_spec, size } = register;
        let register =
            instance(program, &preamble.name, |kind| matches!(kind, ExternKind::Register { .. }))?;
        let element = match type_spec {
            p4info::DataType::Bool => Element::Bool,
            p4info::DataType::Bit(width) | p4info::DataType::Int(width) => Element::Bits(*width),
            p4info::DataType::SerializableEnum(name) => {
                Element::Enum(info.serializable_enums.get(name)?.bitwidth)
            }
        };
        let (id, name) = (preamble.id, Arc::clone(&preamble.name));
        Some(Register { id, name, register, size: *size, element })
    }
}

impl ById {
    fn new(ids: impl Iterator<Item = u32>) -> ById {
        let mut places: Vec<(u32, usize)> = ids.zip(0..).collect();
        places.sort_unstable();
        ById(places)
    }

    fn place(&self, id: u32) -> Option<usize> {
        let found = self.0.binary_search_by_key(&id, |(one, _)| *one).ok()?;
        self.0.get(found).map(|(_, place)| *place)
    }
}

/// The instance of an extern of this name and kind.
fn instance(
    program: &Program,
    name: &str,
    is_kind: impl Fn(&ExternKind) -> bool,
) -> Option<ExternId> {
    let mut externs = (0..).map(ExternId).zip(&program.ir().externs);
    externs.find(|(_, one)| &*one.name == name && is_kind(&one.kind)).map(|(id, _)| id)
}

/// What a direct counter counts.
fn counts(program: &Program, counter: ExternId) -> Option<CounterType> {
    match program.ir().externs.get(counter.index())?.kind {
        ExternKind::DirectCounter { counts, .. } => Some(counts),
        ExternKind::Counter { .. } | ExternKind::Register { .. } => None,
    }
}

/// Whether each thing of a kind has a name and an id of its own.
fn unique<'a>(
    kind: &'static str,
    all: impl Iterator<Item = &'a p4info::Preamble>,
) -> Result<(), PipelineError> {
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for preamble in all {
        if !ids.insert(preamble.id) || !names.insert(&preamble.name) {
            return Err(PipelineError::Ambiguous { kind, name: Arc::clone(&preamble.name) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(1, false, 0, 1)]
    #[case(16, false, 0, 0xffff)]
    #[case(128, false, 0, u128::MAX)]
    #[case(1, true, 1, 0)]
    #[case(8, true, 0x80, 0x7f)]
    #[case(128, true, 1 << 127, u128::MAX >> 1)]
    fn the_whole_of_a_field_is_from_its_least_value_to_its_greatest(
        #[case] width: u32,
        #[case] is_signed: bool,
        #[case] low: u128,
        #[case] high: u128,
    ) {
        let name = Arc::from("f");
        let field = Field { id: 1, name, kind: MatchKind::Range, width, is_signed };
        assert_eq!(field.whole(), (low, high));
    }

    #[test]
    fn ids_are_found_in_whatever_order_they_are() {
        let ids = ById::new([7, 3, 9, 1].into_iter());
        let places: Vec<Option<usize>> = [1, 3, 5, 7, 9].map(|id| ids.place(id)).to_vec();
        assert_eq!(places, [Some(3), Some(1), None, Some(0), Some(2)]);
    }

    /// What is hidden from controllers has no place here, and all else is at its own.
    #[test]
    fn names_are_those_of_the_program() {
        let program = Program::from_source("nat.p4", p4::NAT_P4).unwrap_or_else(|error| {
            unreachable!("{error}");
        });
        let info = P4Info::new(program.ir());
        let Ok(names) = Names::new(&program, &info) else { unreachable!("the names are unique") };
        assert_eq!(names.tables.len(), info.tables.len());
        for (table, shown) in names.tables.iter().zip(&info.tables) {
            let declared = &program.ir().tables[table.table.index()];
            assert_eq!(table.name, declared.name);
            assert_eq!(names.table(shown.preamble.id).map(|found| &found.name), Some(&table.name));
            let widths = table.fields.iter().map(|field| field.width);
            assert!(widths.eq(declared.keys.iter().map(|key| key.width)));
            for (action, declared) in table.actions.iter().zip(&declared.actions) {
                let declared = &program.ir().actions[declared.action.index()];
                assert_eq!(action.name, declared.name);
                assert_eq!(action.parameters.len(), declared.control_parameters.len());
            }
        }
        assert!(names.counters.iter().all(|one| names.counter(one.id).is_some()));
        assert!(names.table(1).is_none() && names.register(1).is_none());
    }
}
