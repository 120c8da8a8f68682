//! Checked programs that have tables and nothing else, made by hand.

use std::sync::Arc;

use p4::ir::{
    Action, ActionId, CompositeId, ControlId, ControlParameter, Expression, ExpressionKind,
    MatchKind, ParserId, Pipeline, Program, Table, TableAction, TableKey, Type, VariableId,
};
use p4::{FileId, Span};

pub(crate) const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

/// An element of a key: kind, width, and whether it is signed.
pub(crate) type Key = (MatchKind, u32, bool);

/// `set(bit<16> value)`, `pair(bit<8> first, bit<8> second)`, `none()`, which can only be the
/// default, and `entry_only()`, which cannot be the default.
pub(crate) fn program(tables: Vec<Table>) -> Program {
    let parameter = |name: &str, width| ControlParameter {
        name: Arc::from(name),
        width,
        variable: VariableId(0),
        annotations: Vec::new(),
    };
    let action = |name: &str, control_parameters| Action {
        name: Arc::from(name),
        parameters: Vec::new(),
        control_parameters,
        body: Vec::new(),
        annotations: Vec::new(),
        span: NOWHERE,
    };
    Program {
        composites: Vec::new(),
        enums: Vec::new(),
        errors: Vec::new(),
        variables: Vec::new(),
        actions: vec![
            action("set", vec![parameter("value", 16)]),
            action("pair", vec![parameter("first", 8), parameter("second", 8)]),
            action("none", Vec::new()),
            action("entry_only", Vec::new()),
        ],
        functions: Vec::new(),
        controls: Vec::new(),
        parsers: Vec::new(),
        tables,
        externs: Vec::new(),
        pipeline: Pipeline {
            parser: ParserId(0),
            verify_checksum: ControlId(0),
            ingress: ControlId(0),
            egress: ControlId(0),
            compute_checksum: ControlId(0),
            deparser: ControlId(0),
            headers: Type::Void,
            metadata: Type::Void,
            standard_metadata: CompositeId(0),
        },
        controller_headers: Vec::new(),
    }
}

/// A table called `t` with these key elements and all the actions.
pub(crate) fn table(keys: &[Key], size: u64) -> Table {
    let key = |(place, (kind, width, is_signed)): (usize, &Key)| {
        let ty = if *is_signed { Type::Int(*width) } else { Type::Bit(*width) };
        TableKey {
            name: Arc::from(format!("k{place}")),
            expression: Expression { ty, kind: ExpressionKind::Constant(0), span: NOWHERE },
            width: *width,
            match_kind: *kind,
            annotations: Vec::new(),
        }
    };
    let action = |(action, default_only, table_only)| TableAction {
        action: ActionId(action),
        arguments: Vec::new(),
        default_only,
        table_only,
        annotations: Vec::new(),
    };
    let actions = [(0, false, false), (1, false, false), (2, true, false), (3, false, true)];
    Table {
        name: Arc::from("t"),
        keys: keys.iter().enumerate().map(key).collect(),
        actions: actions.into_iter().map(action).collect(),
        default_action: (2, Vec::new()),
        has_const_default: false,
        size,
        entries: Vec::new(),
        has_const_entries: false,
        direct_counter: None,
        annotations: Vec::new(),
        span: NOWHERE,
    }
}
