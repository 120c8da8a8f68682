//! Random programs: every choice takes the next number of a list, so that a shorter list makes a
//! simpler program. They are type-correct, and mean something in every corner.

use std::sync::Arc;

use crate::ir::*;
use crate::source::{FileId, Span};

pub(super) const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

pub(super) const HEADER_A: CompositeId = CompositeId(0);
pub(super) const HEADER_B: CompositeId = CompositeId(1);
pub(super) const HEADER_V: CompositeId = CompositeId(2);
pub(super) const HEADER_ODD: CompositeId = CompositeId(3);
pub(super) const STRUCT: CompositeId = CompositeId(4);
pub(super) const HEADERS: CompositeId = CompositeId(5);
pub(super) const METADATA: CompositeId = CompositeId(6);
pub(super) const STANDARD: CompositeId = CompositeId(7);

/// Where code stands: what it can see and do.
#[derive(Clone)]
pub(super) struct Scope {
    /// Variables, and whether they may be changed.
    pub(super) variables: Vec<(VariableId, bool)>,
    pub(super) kind: Kind,
    /// What may be called is what was made before these.
    pub(super) functions: usize,
    pub(super) callees: Vec<Callee>,
    pub(super) tables: Vec<TableId>,
}

#[derive(Clone, PartialEq)]
pub(super) enum Kind {
    Parser,
    Control,
    Action,
    Function(Type),
}

pub(super) struct Generator<'c> {
    pub(super) choices: std::slice::Iter<'c, u32>,
    /// Those of the functions, parsers and controls that are still to be made.
    later: std::slice::Iter<'c, Vec<u32>>,
    pub(super) program: Program,
}

/// How many functions, parsers and controls a program has: each has choices of its own, so that
/// what comes first leaves some to what comes later.
pub(super) const PARTS: usize = 13;

pub(super) fn program(choices: &[Vec<u32>]) -> Program {
    let (choices, later) = ([].iter(), choices.iter());
    let mut generator = Generator { choices, later, program: empty() };
    generator.fill();
    generator.program
}

fn field(name: &str, ty: Type) -> Field {
    Field { name: name.into(), ty, annotations: vec![] }
}

fn composite(name: &str, is_header: bool, fields: Vec<Type>) -> Composite {
    let names = "abcdefghijklmnop".chars();
    let fields = names.zip(fields).map(|(name, ty)| field(&name.to_string(), ty)).collect();
    Composite { name: name.into(), is_header, fields, annotations: vec![] }
}

fn empty() -> Program {
    use Type::{Bit, Bool, Enum, Error, Header, Int, Stack, Struct, Varbit};
    let mut standard = composite(
        "standard_metadata_t",
        false,
        vec![Bit(9), Bit(9), Bit(9), Bit(32), Bit(16), Error, Bit(1)],
    );
    let names = ["ingress_port", "egress_spec", "egress_port", "packet_length", "mcast_grp"];
    let names = names.into_iter().chain(["parser_error", "checksum_error"]);
    names.zip(&mut standard.fields).for_each(|(name, field)| field.name = name.into());
    let a = || Header(HEADER_A);
    let composites = vec![
        composite("a_t", true, vec![Bit(8), Bit(16), Int(7), Bool, Bit(32), Bit(40)]),
        composite("b_t", true, vec![Bit(4), Bit(128), Bit(12), Enum(EnumId(1))]),
        composite("v_t", true, vec![Bit(8), Varbit(200), Bit(8)]),
        composite("odd_t", true, vec![Bit(3), Bit(6)]),
        composite("s_t", false, vec![a(), Bit(13), Int(8)]),
        composite(
            "headers",
            false,
            vec![
                a(),
                Header(HEADER_B),
                Header(HEADER_V),
                Stack(HEADER_A, 3),
                Header(HEADER_ODD),
                Struct(STRUCT),
            ],
        ),
        composite(
            "metadata",
            false,
            vec![Bit(8), Bit(13), Bit(32), Bit(128), Int(8), Int(33), Bool, Error, Struct(STRUCT)],
        ),
        standard,
    ];
    let member = |name: &str, value| (Arc::from(name), value);
    let enums = vec![
        Enum_ { name: "e".into(), underlying: None, members: vec![member("x", 0), member("y", 1)] },
        Enum_ { name: "f".into(), underlying: Some(Bit(8)), members: vec![member("z", 7)] },
    ];
    let errors = "NoError PacketTooShort NoMatch StackOutOfBounds HeaderTooShort ParserTimeout \
                  ParserInvalidArgument";
    let externs = [Bit(8), Bit(128)].map(|element| Extern {
        name: "register".into(),
        kind: ExternKind::Register { size: 3, element },
        annotations: vec![],
    });
    Program {
        composites,
        enums,
        errors: errors.split_whitespace().map(Arc::from).collect(),
        variables: vec![],
        actions: vec![],
        functions: vec![],
        controls: vec![],
        parsers: vec![],
        tables: vec![],
        externs: externs.into(),
        pipeline: Pipeline {
            parser: ParserId(0),
            verify_checksum: ControlId(0),
            ingress: ControlId(0),
            egress: ControlId(0),
            compute_checksum: ControlId(0),
            deparser: ControlId(0),
            headers: Struct(HEADERS),
            metadata: Struct(METADATA),
            standard_metadata: STANDARD,
        },
        controller_headers: vec![],
    }
}

use crate::ir::Enum as Enum_;

impl Generator<'_> {
    fn next_part(&mut self) {
        self.choices = self.later.next().map_or([].iter(), |choices| choices.iter());
    }

    /// A number below `count`; the first once the choices are used up.
    pub(super) fn choose(&mut self, count: usize) -> usize {
        self.choices.next().map_or(0, |choice| *choice as usize % count.max(1))
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.choose(100) >= 100 - percent
    }

    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.choose(of.len())].clone()
    }

    pub(super) fn variable(&mut self, name: &str, ty: Type) -> VariableId {
        self.program.variables.push(Variable { name: name.into(), ty });
        VariableId(self.program.variables.len() as u32 - 1)
    }

    pub(super) fn parameters(&mut self, list: &[(Direction, Type)]) -> Vec<Parameter> {
        let all = list.iter().map(|(direction, ty)| Parameter {
            direction: *direction,
            variable: self.variable("parameter", ty.clone()),
        });
        all.collect()
    }

    pub(super) fn scope(&mut self, parameters: &[Parameter], kind: Kind) -> Scope {
        let seen = parameters.iter().map(|p| (p.variable, p.direction != Direction::In));
        let mut variables: Vec<_> = seen.collect();
        let locals = [
            Type::Bit(8),
            Type::Bit(13),
            Type::Int(8),
            Type::Bool,
            Type::Bit(128),
            Type::Header(HEADER_A),
            Type::Stack(HEADER_A, 3),
            Type::Struct(STRUCT),
            Type::Enum(EnumId(0)),
        ];
        for ty in locals {
            variables.push((self.variable("local", ty), true));
        }
        let functions = self.program.functions.len();
        Scope { variables, kind, functions, callees: vec![], tables: vec![] }
    }

    pub(super) fn fill(&mut self) {
        use Direction::{In, InOut, Out};
        let a = || Type::Header(HEADER_A);
        let signatures = [
            (vec![(In, Type::Bit(8)), (InOut, Type::Bit(13)), (Out, a())], Type::Bit(8)),
            (vec![(InOut, a()), (In, Type::Int(8)), (In, Type::Bit(8))], a()),
            (vec![(In, Type::Struct(STRUCT)), (InOut, Type::Bit(8))], Type::Struct(STRUCT)),
            (vec![(InOut, Type::Bit(128)), (InOut, Type::Bit(8))], Type::Bool),
            (vec![(InOut, Type::Bit(8))], Type::Bit(8)),
        ];
        for (parameters, result) in signatures {
            let parameters = self.parameters(&parameters);
            self.next_part();
            let scope = self.scope(&parameters, Kind::Function(result.clone()));
            let mut body = self.block(&scope, 2);
            let value = self.expression(&scope, &result, 3);
            body.push(statement(StatementKind::Return(Some(value))));
            self.program.functions.push(Function { name: "f".into(), parameters, result, body });
        }
        let m = || Type::Struct(METADATA);
        let standard = (InOut, Type::Struct(STANDARD));
        let whole = [(InOut, Type::Struct(HEADERS)), (InOut, m()), standard.clone()];

        let inner = self.parameters(&[(InOut, a()), (In, Type::Bit(8)), (Out, Type::Bit(13))]);
        self.parser(inner, &[]);
        let first = [(Out, Type::Struct(HEADERS)), (InOut, m()), standard];
        let outer = self.parameters(&first);
        self.program.pipeline.parser = self.parser(outer, &[Callee::Parser(ParserId(0))]);

        let inner = [(InOut, Type::Struct(HEADERS)), (In, Type::Bit(8)), (Out, Type::Bit(13))];
        let inner = self.parameters(&inner);
        let sub = Callee::Control(self.control(inner, &[]));
        let inner = self.parameters(&[(In, a()), (InOut, Type::Stack(HEADER_A, 3)), (Out, a())]);
        let second = Callee::Control(self.control(inner, &[]));
        let parameters = self.parameters(&whole[..2]);
        self.program.pipeline.verify_checksum = self.control(parameters, &[]);
        let parameters = self.parameters(&whole);
        self.program.pipeline.ingress = self.control(parameters, &[sub, second]);
        let parameters = self.parameters(&whole);
        self.program.pipeline.egress = self.control(parameters, &[]);
        let parameters = self.parameters(&whole[..2]);
        self.program.pipeline.compute_checksum = self.control(parameters, &[]);
        let headers = self.parameters(&[(In, Type::Struct(HEADERS))]);
        let variable = headers[0].variable;
        let all =
            expression(Type::Struct(HEADERS), ExpressionKind::Read(Place::Variable(variable)));
        let body = vec![statement(StatementKind::Extern(ExternCall::Emit(all)))];
        self.program.controls.push(Control { name: "deparser".into(), parameters: headers, body });
        self.program.pipeline.deparser = ControlId(self.program.controls.len() as u32 - 1);
    }

    pub(super) fn parser(&mut self, parameters: Vec<Parameter>, callees: &[Callee]) -> ParserId {
        self.next_part();
        let mut scope = self.scope(&parameters, Kind::Parser);
        scope.callees = callees.to_vec();
        let initial = self.block(&scope, 1);
        let states = 1 + self.choose(4);
        let all = (0..states).map(|_| {
            let statements = self.block(&scope, 2);
            let transition = self.transition(&scope, states);
            State { name: "state".into(), statements, transition }
        });
        let states = all.collect();
        let name = "parser".into();
        self.program.parsers.push(Parser { name, parameters, initial, states, start: 0 });
        ParserId(self.program.parsers.len() as u32 - 1)
    }

    pub(super) fn target(&mut self, states: usize) -> Target {
        match self.choose(8) {
            0 | 1 => Target::Accept,
            2 => Target::Reject,
            other => Target::State(other % states),
        }
    }

    pub(super) fn transition(&mut self, scope: &Scope, states: usize) -> Transition {
        if !self.chance(60) {
            return Transition::Direct(self.target(states));
        }
        let types = [Type::Bit(8), Type::Int(8), Type::Bit(128)];
        let keys: Vec<_> = (0..=self.choose(2)).map(|_| self.pick(&types)).collect();
        let cases = (0..self.choose(8)).map(|_| {
            let sets = keys.iter().map(|ty| self.set(ty)).collect();
            (sets, self.target(states))
        });
        let cases = cases.collect();
        let keys = keys.iter().map(|ty| self.expression(scope, ty, 2)).collect();
        Transition::Select { keys, cases }
    }

    pub(super) fn set(&mut self, ty: &Type) -> ValueSet {
        let (low, high) = (self.number(ty), self.number(ty));
        match self.choose(6) {
            0 => ValueSet::Any,
            1 => ValueSet::Mask { value: low & high, mask: high },
            2 => ValueSet::Range { low, high },
            _ => ValueSet::Value(low),
        }
    }

    /// A control, with actions and a table of its own.
    pub(super) fn control(&mut self, parameters: Vec<Parameter>, callees: &[Callee]) -> ControlId {
        self.next_part();
        let mut scope = self.scope(&parameters, Kind::Control);
        scope.callees = callees.to_vec();
        let mut actions = Vec::new();
        for _ in 0..2 {
            let (bit, signed) = (Type::Bit(8), Type::Int(8));
            let list = [(Direction::InOut, bit.clone()), (Direction::Out, signed)];
            let count = self.choose(3);
            let directed = self.parameters(&list[..count]);
            let variable = self.variable("argument", bit);
            let mut inside = scope.clone();
            let own = self.scope(&directed, Kind::Action);
            inside.variables.extend(own.variables);
            inside.variables.push((variable, false));
            inside.kind = Kind::Action;
            inside.callees = actions.clone();
            let body = self.block(&inside, 2);
            let control_parameters = vec![ControlParameter {
                name: "x".into(),
                width: 8,
                variable,
                annotations: vec![],
            }];
            let id = ActionId(self.program.actions.len() as u32);
            self.program.actions.push(Action {
                name: "action".into(),
                parameters: directed,
                control_parameters,
                body,
                annotations: vec![],
                span: NOWHERE,
            });
            actions.push(Callee::Action(id));
        }
        let table = self.table(&scope, &actions);
        scope.tables.push(table);
        scope.callees.extend(actions);
        let body = self.block(&scope, 3);
        self.program.controls.push(Control { name: "control".into(), parameters, body });
        ControlId(self.program.controls.len() as u32 - 1)
    }

    pub(super) fn table(&mut self, scope: &Scope, actions: &[Callee]) -> TableId {
        let listed = actions.iter().map(|callee| {
            let Callee::Action(action) = *callee else { unreachable!() };
            let parameters = self.program.actions[action.index()].parameters.clone();
            TableAction {
                action,
                arguments: self.arguments(scope, &parameters),
                default_only: false,
                table_only: false,
                annotations: vec![],
            }
        });
        let listed: Vec<_> = listed.collect();
        let ty = Type::Bit(8);
        let key = TableKey {
            name: "key".into(),
            expression: self.expression(scope, &ty, 2),
            width: 8,
            match_kind: MatchKind::Exact,
            annotations: vec![],
        };
        let entries = (0..self.choose(4)).map(|value| Entry {
            keys: vec![ValueSet::Value(value as u128)],
            priority: 0,
            action: self.choose(2),
            arguments: vec![self.number(&ty)],
            is_const: false,
        });
        let entries = entries.collect();
        let default_action = (self.choose(2), vec![self.number(&ty)]);
        self.program.tables.push(Table {
            name: "table".into(),
            keys: vec![key],
            actions: listed,
            default_action,
            has_const_default: false,
            size: 1024,
            entries,
            has_const_entries: false,
            direct_counter: None,
            annotations: vec![],
            span: NOWHERE,
        });
        TableId(self.program.tables.len() as u32 - 1)
    }
}

pub(super) fn statement(kind: StatementKind) -> Statement {
    Statement { kind, span: NOWHERE }
}

pub(super) fn expression(ty: Type, kind: ExpressionKind) -> Expression {
    Expression { ty, kind, span: NOWHERE }
}

pub(super) fn constant(ty: &Type, value: u128) -> Expression {
    expression(ty.clone(), ExpressionKind::Constant(value))
}
