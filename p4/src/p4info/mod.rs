//! P4Info: what a controller knows of a program, by the P4Runtime specification.
//!
//! [`P4Info::new`] takes it from a checked program; shown as text it is the protobuf text form of
//! the message `p4.config.v1.P4Info`. Ids are those that p4c gives.

mod annotations;
mod ids;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use annotations::{documentation, is_hidden, numbers, shown};
use ids::{Kind, Symbols};

pub use annotations::Documentation;

use crate::ir::{
    self, Annotation, CounterType, EnumId, ExternKind, MatchKind, Program, Type, VariableId,
};

/// What a controller knows of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct P4Info {
    pub tables: Vec<Table>,
    pub actions: Vec<Action>,
    pub counters: Vec<Counter>,
    pub direct_counters: Vec<DirectCounter>,
    pub controller_packet_metadata: Vec<ControllerPacketMetadata>,
    pub registers: Vec<Register>,
    /// Enumerations with underlying type that something above is of, by their names.
    pub serializable_enums: BTreeMap<Arc<str>, SerializableEnum>,
}

/// What everything with a name of its own has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preamble {
    /// The id, unique among all things.
    pub id: u32,
    /// The full control-plane name.
    pub name: Arc<str>,
    /// The shortest end of the name that nothing else has.
    pub alias: Arc<str>,
    /// As they stand in the program.
    pub annotations: Vec<String>,
    /// What its annotations say about it.
    pub doc: Option<Documentation>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct Table {
    pub preamble: Preamble,
    pub match_fields: Vec<MatchField>,
    pub action_refs: Vec<ActionRef>,
    /// 0 if the default action is not constant.
    pub const_default_action_id: u32,
    pub initial_default_action: TableActionCall,
    pub direct_resource_ids: Vec<u32>,
    pub size: u64,
    pub is_const_table: bool,
    pub has_initial_entries: bool,
}

/// An element of a table's key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct MatchField {
    pub member: Member,
    pub match_type: MatchKind,
}

/// A part of something: a match field, a parameter of an action, a field of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id, unique among the parts of one thing.
    pub id: u32,
    /// The control-plane name.
    pub name: Arc<str>,
    /// As they stand in the program.
    pub annotations: Vec<String>,
    /// How many bits its values have.
    pub bitwidth: u32,
    /// What its annotations say about it.
    pub doc: Option<Documentation>,
    /// The enumeration that its values are of.
    pub type_name: Option<Arc<str>>,
}

/// An action that a table can have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct ActionRef {
    pub id: u32,
    pub annotations: Vec<String>,
    pub scope: Scope,
}

/// Where a table can have an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub enum Scope {
    TableAndDefault,
    TableOnly,
    DefaultOnly,
}

/// An action with its arguments, which are values and their widths in bits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct TableActionCall {
    pub action_id: u32,
    /// The id of the parameter, its value and its width in bits.
    pub arguments: Vec<(u32, u128, u32)>,
}

/// An action.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct Action {
    pub preamble: Preamble,
    pub params: Vec<Member>,
}

/// An array of counters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct Counter {
    pub preamble: Preamble,
    pub unit: CounterType,
    pub size: u64,
}

/// A counter for each entry of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct DirectCounter {
    pub preamble: Preamble,
    pub unit: CounterType,
    pub direct_table_id: u32,
}

/// What comes with the packets that a controller sends or gets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct ControllerPacketMetadata {
    pub preamble: Preamble,
    pub metadata: Vec<Member>,
}

/// An array of values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct Register {
    pub preamble: Preamble,
    pub type_spec: DataType,
    pub size: u64,
}

/// What a register holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub enum DataType {
    Bool,
    Bit(u32),
    Int(u32),
    SerializableEnum(Arc<str>),
}

/// An enumeration with underlying type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the message")]
pub struct SerializableEnum {
    pub bitwidth: u32,
    pub members: Vec<(Arc<str>, u128)>,
}

impl P4Info {
    /// The P4Info of a program.
    pub fn new(program: &Program) -> P4Info {
        let builder = Builder::new(program);
        let (counters, direct_counters, registers) = builder.externs();
        let mut info = P4Info {
            tables: builder.tables(),
            actions: builder.actions(),
            counters,
            direct_counters,
            controller_packet_metadata: builder.controller_headers(),
            registers,
            serializable_enums: BTreeMap::new(),
        };
        info.serializable_enums = builder.enums(&info);
        info
    }

    /// The table of this full name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| &*table.preamble.name == name)
    }

    /// The action of this full name.
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| &*action.preamble.name == name)
    }

    /// The array of counters of this full name.
    pub fn counter(&self, name: &str) -> Option<&Counter> {
        self.counters.iter().find(|counter| &*counter.preamble.name == name)
    }

    /// The counter of a table's entries of this full name.
    pub fn direct_counter(&self, name: &str) -> Option<&DirectCounter> {
        self.direct_counters.iter().find(|counter| &*counter.preamble.name == name)
    }

    /// The register of this full name.
    pub fn register(&self, name: &str) -> Option<&Register> {
        self.registers.iter().find(|register| &*register.preamble.name == name)
    }

    /// The protobuf text form, as [`Display`](std::fmt::Display) gives it.
    pub fn to_text(&self) -> String {
        self.to_string()
    }

    /// All members with the names of types.
    fn members(&self) -> impl Iterator<Item = &Member> {
        let fields = self.tables.iter().flat_map(|table| &table.match_fields);
        let headers = self.controller_packet_metadata.iter().flat_map(|header| &header.metadata);
        let params = self.actions.iter().flat_map(|action| &action.params);
        fields.map(|field| &field.member).chain(params).chain(headers)
    }
}

struct Builder<'a> {
    program: &'a Program,
    symbols: Symbols,
}

impl<'a> Builder<'a> {
    fn new(program: &'a Program) -> Builder<'a> {
        let mut symbols = Symbols::default();
        for action in &program.actions {
            symbols.add(Kind::Action, &action.name, &action.annotations);
        }
        for table in &program.tables {
            symbols.add(Kind::Table, &table.name, &table.annotations);
        }
        for one in &program.externs {
            symbols.add(kind_of(&one.kind), &one.name, &one.annotations);
        }
        for header in &program.controller_headers {
            if let Some(header) = program.composites.get(header.header.index()) {
                symbols.add(Kind::ControllerHeader, &header.name, &header.annotations);
            }
        }
        symbols.give_ids();
        Builder { program, symbols }
    }

    fn tables(&self) -> Vec<Table> {
        let tables = self.program.tables.iter().filter(|table| !is_hidden(&table.annotations));
        tables.map(|table| self.table(table)).collect()
    }

    fn table(&self, table: &ir::Table) -> Table {
        let numbers = numbers(table.keys.iter().map(|key| key.annotations.as_slice()));
        let fields = table.keys.iter().zip(numbers).map(|(key, id)| MatchField {
            member: Member {
                id,
                name: key_name(&key.name),
                annotations: shown(&key.annotations),
                bitwidth: key.width,
                doc: documentation(&key.annotations),
                type_name: self.enum_name(&key.expression.ty),
            },
            match_type: key.match_kind,
        });
        let refs = table.actions.iter().map(|action| ActionRef {
            id: self.action_id(action),
            annotations: shown(&action.annotations),
            scope: match (action.default_only, action.table_only) {
                (true, _) => Scope::DefaultOnly,
                (false, true) => Scope::TableOnly,
                (false, false) => Scope::TableAndDefault,
            },
        });
        let default = self.default_action(table);
        let direct_counter = table.direct_counter.and_then(|id| {
            let counter = self.program.externs.get(id.index())?;
            Some(self.symbols.id(Kind::DirectCounter, &counter.name))
        });
        Table {
            preamble: self.preamble(Kind::Table, &table.name, &table.annotations),
            match_fields: fields.collect(),
            action_refs: refs.collect(),
            const_default_action_id: if table.has_const_default { default.action_id } else { 0 },
            initial_default_action: default,
            direct_resource_ids: direct_counter.into_iter().collect(),
            size: table.size,
            is_const_table: table.has_const_entries,
            has_initial_entries: !table.entries.is_empty(),
        }
    }

    fn default_action(&self, table: &ir::Table) -> TableActionCall {
        let (place, values) = &table.default_action;
        let reference = table.actions.get(*place);
        let action = reference.and_then(|one| self.program.actions.get(one.action.index()));
        let parameters = action.map_or(&[][..], |action| &action.control_parameters);
        let numbers = numbers(parameters.iter().map(|one| one.annotations.as_slice()));
        let arguments = parameters.iter().zip(numbers).zip(values);
        TableActionCall {
            action_id: reference.map_or(0, |reference| self.action_id(reference)),
            arguments: arguments.map(|((one, id), value)| (id, *value, one.width)).collect(),
        }
    }

    fn actions(&self) -> Vec<Action> {
        let mut seen = BTreeSet::new();
        let actions = self.program.actions.iter();
        // An action that several controls have is one to a controller.
        let actions = actions.filter(|one| !is_hidden(&one.annotations) && seen.insert(&one.name));
        actions
            .map(|action| {
                let parameters = &action.control_parameters;
                let numbers = numbers(parameters.iter().map(|one| one.annotations.as_slice()));
                let params = parameters.iter().zip(numbers).map(|(parameter, id)| Member {
                    id,
                    name: Arc::clone(&parameter.name),
                    annotations: shown(&parameter.annotations),
                    bitwidth: parameter.width,
                    doc: documentation(&parameter.annotations),
                    type_name: self.enum_name_of(parameter.variable),
                });
                Action {
                    preamble: self.preamble(Kind::Action, &action.name, &action.annotations),
                    params: params.collect(),
                }
            })
            .collect()
    }

    fn externs(&self) -> (Vec<Counter>, Vec<DirectCounter>, Vec<Register>) {
        let (mut counters, mut direct_counters, mut registers) = (vec![], vec![], vec![]);
        for one in self.program.externs.iter().filter(|one| !is_hidden(&one.annotations)) {
            let preamble = self.preamble(kind_of(&one.kind), &one.name, &one.annotations);
            match &one.kind {
                ExternKind::Counter { size, counts } => {
                    counters.push(Counter { preamble, unit: *counts, size: *size });
                }
                // One that no table has counts nothing, and p4c does not show it either.
                ExternKind::DirectCounter { table: None, .. } => {}
                ExternKind::DirectCounter { counts, table: Some(table) } => {
                    let table = self.program.tables.get(table.index());
                    let id = table.map_or(0, |table| self.symbols.id(Kind::Table, &table.name));
                    let unit = *counts;
                    direct_counters.push(DirectCounter { preamble, unit, direct_table_id: id });
                }
                ExternKind::Register { size, element } => {
                    let type_spec = match element {
                        Type::Bool => DataType::Bool,
                        Type::Int(width) => DataType::Int(*width),
                        Type::Bit(width) => DataType::Bit(*width),
                        other => self
                            .enum_name(other)
                            .map_or(DataType::Bit(self.width(other)), DataType::SerializableEnum),
                    };
                    registers.push(Register { preamble, type_spec, size: *size });
                }
            }
        }
        (counters, direct_counters, registers)
    }

    fn controller_headers(&self) -> Vec<ControllerPacketMetadata> {
        let headers = self.program.controller_headers.iter().filter_map(|header| {
            let composite = self.program.composites.get(header.header.index())?;
            (!is_hidden(&composite.annotations)).then_some((header, composite))
        });
        headers
            .map(|(header, composite)| {
                let numbers =
                    numbers(composite.fields.iter().map(|one| one.annotations.as_slice()));
                let fields = composite.fields.iter().zip(numbers);
                let shown_fields = fields.filter(|(field, _)| !is_hidden(&field.annotations));
                ControllerPacketMetadata {
                    preamble: Preamble {
                        id: self.symbols.id(Kind::ControllerHeader, &composite.name),
                        name: Arc::clone(&header.name),
                        alias: Arc::clone(&header.name),
                        annotations: shown(&composite.annotations),
                        doc: documentation(&composite.annotations),
                    },
                    metadata: shown_fields
                        .map(|(field, id)| Member {
                            id,
                            name: Arc::clone(&field.name),
                            annotations: shown(&field.annotations),
                            bitwidth: self.width(&field.ty),
                            doc: None,
                            type_name: self.enum_name(&field.ty),
                        })
                        .collect(),
                }
            })
            .collect()
    }

    /// The enumerations that something is of.
    fn enums(&self, info: &P4Info) -> BTreeMap<Arc<str>, SerializableEnum> {
        let of_registers = info.registers.iter().filter_map(|register| match &register.type_spec {
            DataType::SerializableEnum(name) => Some(name),
            DataType::Bool | DataType::Bit(_) | DataType::Int(_) => None,
        });
        let names: BTreeSet<&Arc<str>> = info
            .members()
            .filter_map(|member| member.type_name.as_ref())
            .chain(of_registers)
            .collect();
        let enums = self.program.enums.iter().filter(|one| names.contains(&one.name));
        enums
            .map(|one| {
                let bitwidth = one.underlying.as_ref().map_or(0, |ty| self.width(ty));
                let members = one.members.clone();
                (Arc::clone(&one.name), SerializableEnum { bitwidth, members })
            })
            .collect()
    }

    fn preamble(&self, kind: Kind, name: &Arc<str>, annotations: &[Annotation]) -> Preamble {
        Preamble {
            id: self.symbols.id(kind, name),
            name: Arc::clone(name),
            alias: self.symbols.alias(name),
            annotations: shown(annotations),
            doc: documentation(annotations),
        }
    }

    fn action_id(&self, action: &ir::TableAction) -> u32 {
        let action = self.program.actions.get(action.action.index());
        action.map_or(0, |action| self.symbols.id(Kind::Action, &action.name))
    }

    fn enum_name_of(&self, variable: VariableId) -> Option<Arc<str>> {
        self.enum_name(&self.program.variables.get(variable.index())?.ty)
    }

    /// The name of an enumeration with underlying type.
    fn enum_name(&self, ty: &Type) -> Option<Arc<str>> {
        let found = self.enumeration(ty)?;
        found.underlying.as_ref().map(|_| Arc::clone(&found.name))
    }

    fn enumeration(&self, ty: &Type) -> Option<&'a ir::Enum> {
        match ty {
            Type::Enum(EnumId(number)) => self.program.enums.get(*number as usize),
            _ => None,
        }
    }

    fn width(&self, ty: &Type) -> u32 {
        match ty {
            Type::Bool => 1,
            Type::Bit(width) | Type::Int(width) | Type::Varbit(width) => *width,
            Type::Enum(_) => {
                let found = self.enumeration(ty);
                found.and_then(|one| one.underlying.as_ref()).map_or(0, |ty| self.width(ty))
            }
            _ => 0,
        }
    }
}

/// The name of a key: validity bits go by a name of their own, as p4c has them.
fn key_name(name: &Arc<str>) -> Arc<str> {
    match name.strip_suffix(".isValid()") {
        Some(header) => Arc::from(format!("{header}.$valid$")),
        None => Arc::clone(name),
    }
}

fn kind_of(kind: &ExternKind) -> Kind {
    match kind {
        ExternKind::Counter { .. } => Kind::Counter,
        ExternKind::DirectCounter { .. } => Kind::DirectCounter,
        ExternKind::Register { .. } => Kind::Register,
    }
}
