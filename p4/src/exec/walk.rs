//! Visits everything in the checked program's trees, from the outside in.

use crate::ir::{
    Argument, Call, Callee, Expression, ExpressionKind, ExternCall, ExtractTo, Place, Program,
    Statement, StatementKind, TableId, Transition,
};

/// What is visited.
#[derive(Clone, Copy)]
pub(super) enum Node<'p> {
    Place(&'p Place),
    Statement(&'p Statement),
    Call(&'p Call),
    /// A table that is applied.
    Apply(TableId),
    /// A parser looks ahead, and rejects if there is not enough.
    Lookahead,
}

type Visit<'v, 'p> = &'v mut dyn FnMut(Node<'p>);

pub(super) fn statements<'p>(list: &'p [Statement], visit: Visit<'_, 'p>) {
    for item in list {
        statement(item, visit);
    }
}

fn statement<'p>(item: &'p Statement, visit: Visit<'_, 'p>) {
    visit(Node::Statement(item));
    match &item.kind {
        StatementKind::Assign(to, value) => {
            place(to, visit);
            expression(value, visit);
        }
        StatementKind::Call(inner) => call(inner, visit),
        StatementKind::If { condition, then, otherwise } => {
            expression(condition, visit);
            statements(then, visit);
            statements(otherwise, visit);
        }
        StatementKind::Switch { subject, cases, otherwise } => {
            expression(subject, visit);
            cases.iter().for_each(|(_, body)| statements(body, visit));
            statements(otherwise, visit);
        }
        StatementKind::SwitchAction { table, cases, otherwise } => {
            visit(Node::Apply(*table));
            cases.iter().for_each(|(_, body)| statements(body, visit));
            statements(otherwise, visit);
        }
        StatementKind::ApplyTable(table) => visit(Node::Apply(*table)),
        StatementKind::Return(Some(value)) => expression(value, visit),
        StatementKind::Extern(inner) => extern_call(inner, visit),
        StatementKind::Clear(_) | StatementKind::Exit | StatementKind::Return(None) => {}
    }
}

fn extern_call<'p>(inner: &'p ExternCall, visit: Visit<'_, 'p>) {
    match inner {
        ExternCall::Extract(ExtractTo::Place(to))
        | ExternCall::SetValid(to)
        | ExternCall::SetInvalid(to)
        | ExternCall::PushFront(to, _)
        | ExternCall::PopFront(to, _)
        | ExternCall::MarkToDrop(to) => place(to, visit),
        ExternCall::ExtractVariable(to, value) | ExternCall::ReadRegister(_, to, value) => {
            place(to, visit);
            expression(value, visit);
        }
        ExternCall::Advance(value)
        | ExternCall::Emit(value)
        | ExternCall::Count(_, value)
        | ExternCall::Assert(value)
        | ExternCall::Assume(value) => expression(value, visit),
        ExternCall::Verify(first, second) | ExternCall::WriteRegister(_, first, second) => {
            expression(first, visit);
            expression(second, visit);
        }
        ExternCall::Hash { result, algorithm: _, base, data, max } => {
            place(result, visit);
            [base, data, max].into_iter().for_each(|value| expression(value, visit));
        }
        ExternCall::VerifyChecksum(sum) | ExternCall::UpdateChecksum(sum) => {
            expression(&sum.condition, visit);
            expression(&sum.data, visit);
            place(&sum.checksum, visit);
        }
        ExternCall::LogMessage(_, values) => {
            values.iter().for_each(|value| expression(value, visit));
        }
        ExternCall::Extract(ExtractTo::Nothing(_)) | ExternCall::CountDirect(_) => {}
    }
}

pub(super) fn call<'p>(inner: &'p Call, visit: Visit<'_, 'p>) {
    visit(Node::Call(inner));
    inner.arguments.iter().for_each(|item| argument(item, visit));
}

pub(super) fn argument<'p>(item: &'p Argument, visit: Visit<'_, 'p>) {
    match item {
        Argument::In(value) => expression(value, visit),
        Argument::Out(Some(to)) | Argument::InOut(to) => place(to, visit),
        Argument::Out(None) => {}
    }
}

pub(super) fn place<'p>(item: &'p Place, visit: Visit<'_, 'p>) {
    visit(Node::Place(item));
    match item {
        Place::Variable(_) => {}
        Place::Field(inner, _) | Place::Next(inner) | Place::Last(inner) => place(inner, visit),
        Place::Slice(inner, ..) => place(inner, visit),
        Place::Element(stack, index) => {
            place(stack, visit);
            expression(index, visit);
        }
    }
}

pub(super) fn expression<'p>(item: &'p Expression, visit: Visit<'_, 'p>) {
    match &item.kind {
        ExpressionKind::Read(inner)
        | ExpressionKind::IsValid(inner)
        | ExpressionKind::LastIndex(inner) => place(inner, visit),
        ExpressionKind::Unary(_, inner)
        | ExpressionKind::Cast(inner)
        | ExpressionKind::Field(inner, _)
        | ExpressionKind::Slice(inner, ..) => expression(inner, visit),
        ExpressionKind::Binary(_, left, right) => {
            expression(left, visit);
            expression(right, visit);
        }
        ExpressionKind::Conditional(condition, then, otherwise) => {
            expression(condition, visit);
            expression(then, visit);
            expression(otherwise, visit);
        }
        ExpressionKind::Aggregate(values) => {
            values.iter().for_each(|value| expression(value, visit));
        }
        ExpressionKind::Call(inner) => call(inner, visit),
        ExpressionKind::ApplyTable { table, .. } => visit(Node::Apply(*table)),
        ExpressionKind::Lookahead => visit(Node::Lookahead),
        ExpressionKind::Constant(_)
        | ExpressionKind::InvalidHeader
        | ExpressionKind::PacketLength => {}
    }
}

/// Everything that is done anywhere.
pub(super) fn program<'p>(program: &'p Program, visit: Visit<'_, 'p>) {
    program.actions.iter().for_each(|action| statements(&action.body, visit));
    program.functions.iter().for_each(|function| statements(&function.body, visit));
    program.controls.iter().for_each(|control| statements(&control.body, visit));
    for parser in &program.parsers {
        statements(&parser.initial, visit);
        for state in &parser.states {
            statements(&state.statements, visit);
            if let Transition::Select { keys, .. } = &state.transition {
                keys.iter().for_each(|key| expression(key, visit));
            }
        }
    }
    for table in &program.tables {
        table.keys.iter().for_each(|key| expression(&key.expression, visit));
        let arguments = table.actions.iter().flat_map(|action| &action.arguments);
        arguments.for_each(|item| argument(item, visit));
    }
}

/// The calls of each control and each parser that is called at all.
pub(super) fn calls_by_instance(whole: &Program) -> Vec<Vec<&Call>> {
    let mut calls = vec![Vec::new(); whole.controls.len() + whole.parsers.len()];
    program(whole, &mut |node| {
        if let Node::Call(call) = node {
            match call.callee {
                Callee::Control(id) => calls[id.index()].push(call),
                Callee::Parser(id) => calls[whole.controls.len() + id.index()].push(call),
                Callee::Action(_) | Callee::Function(_) => {}
            }
        }
    });
    calls
}

/// Whether the evaluation may change a variable.
pub(super) fn has_effects(value: &Expression) -> bool {
    let mut found = false;
    expression(value, &mut |node| found |= matches!(node, Node::Call(_) | Node::Apply(_)));
    found
}

/// Which actions and controls may end the pipeline's part, by themselves or through what they
/// call.
pub(super) struct Exits<'p> {
    program: &'p Program,
    /// Actions first, then controls.
    may_exit: Vec<bool>,
}

impl<'p> Exits<'p> {
    pub(super) fn new(program: &'p Program) -> Exits<'p> {
        let count = program.actions.len() + program.controls.len();
        let mut exits = Exits { program, may_exit: vec![false; count] };
        let bodies = program.actions.iter().map(|action| &action.body);
        let bodies = bodies.chain(program.controls.iter().map(|control| &control.body));
        // Calls may be nested deeply: from what exits by itself to its callers, and on to theirs.
        let mut callers = vec![Vec::new(); count];
        let mut found = Vec::new();
        for (caller, body) in bodies.enumerate() {
            statements(body, &mut |node| match node {
                Node::Statement(Statement { kind: StatementKind::Exit, .. }) => found.push(caller),
                Node::Call(call) => {
                    if let Some(callee) = exits.place(call.callee) {
                        callers[callee].push(caller);
                    }
                }
                Node::Apply(table) => {
                    for action in &program.tables[table.index()].actions {
                        callers[action.action.index()].push(caller);
                    }
                }
                Node::Statement(_) | Node::Place(_) | Node::Lookahead => {}
            });
        }
        while let Some(place) = found.pop() {
            if !std::mem::replace(&mut exits.may_exit[place], true) {
                found.extend(&callers[place]);
            }
        }
        exits
    }

    fn place(&self, callee: Callee) -> Option<usize> {
        match callee {
            Callee::Action(id) => Some(id.index()),
            Callee::Control(id) => Some(self.program.actions.len() + id.index()),
            Callee::Function(_) | Callee::Parser(_) => None,
        }
    }

    pub(super) fn callee(&self, callee: Callee) -> bool {
        self.place(callee).is_some_and(|place| self.may_exit[place])
    }

    /// Whether an action of the table may.
    pub(super) fn table(&self, table: TableId) -> bool {
        let mut actions = self.program.tables[table.index()].actions.iter();
        actions.any(|action| self.may_exit[action.action.index()])
    }
}
