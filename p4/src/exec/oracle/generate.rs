//! Random programs: every choice takes the next number of a list, so that a shorter list makes a
//! simpler program. They are type-correct, and mean something in every corner.

use std::sync::Arc;

use crate::ir::*;
use crate::source::{FileId, Span};

const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

pub(super) const HEADER_A: CompositeId = CompositeId(0);
const HEADER_B: CompositeId = CompositeId(1);
const HEADER_V: CompositeId = CompositeId(2);
const HEADER_ODD: CompositeId = CompositeId(3);
const STRUCT: CompositeId = CompositeId(4);
const HEADERS: CompositeId = CompositeId(5);
const METADATA: CompositeId = CompositeId(6);
const STANDARD: CompositeId = CompositeId(7);

/// Where code stands: what it can see and do.
#[derive(Clone)]
struct Scope {
    /// Variables, and whether they may be changed.
    variables: Vec<(VariableId, bool)>,
    kind: Kind,
    /// What may be called is what was made before these.
    functions: usize,
    callees: Vec<Callee>,
    tables: Vec<TableId>,
}

#[derive(Clone, PartialEq)]
enum Kind {
    Parser,
    Control,
    Action,
    Function(Type),
}

pub(super) struct Generator<'c> {
    choices: std::slice::Iter<'c, u32>,
    program: Program,
}

pub(super) fn program(choices: &[u32]) -> Program {
    let mut generator = Generator { choices: choices.iter(), program: empty() };
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
    /// A number below `count`; the first once the choices are used up.
    fn choose(&mut self, count: usize) -> usize {
        self.choices.next().map_or(0, |choice| *choice as usize % count.max(1))
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.choose(100) >= 100 - percent
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.choose(of.len())].clone()
    }

    fn variable(&mut self, name: &str, ty: Type) -> VariableId {
        self.program.variables.push(Variable { name: name.into(), ty });
        VariableId(self.program.variables.len() as u32 - 1)
    }

    fn parameters(&mut self, list: &[(Direction, Type)]) -> Vec<Parameter> {
        let all = list.iter().map(|(direction, ty)| Parameter {
            direction: *direction,
            variable: self.variable("parameter", ty.clone()),
        });
        all.collect()
    }

    fn scope(&mut self, parameters: &[Parameter], kind: Kind) -> Scope {
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

    fn fill(&mut self) {
        use Direction::{In, InOut, Out};
        let a = || Type::Header(HEADER_A);
        let signatures = [
            (vec![(In, Type::Bit(8)), (InOut, Type::Bit(13)), (Out, a())], Type::Bit(8)),
            (vec![(InOut, a()), (In, Type::Int(8)), (In, Type::Bit(8))], a()),
            (vec![(In, Type::Struct(STRUCT)), (InOut, Type::Bit(8))], Type::Struct(STRUCT)),
            (vec![(InOut, Type::Bit(128)), (InOut, Type::Bit(8))], Type::Bool),
        ];
        for (parameters, result) in signatures {
            let parameters = self.parameters(&parameters);
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

    fn parser(&mut self, parameters: Vec<Parameter>, callees: &[Callee]) -> ParserId {
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

    fn target(&mut self, states: usize) -> Target {
        match self.choose(8) {
            0 | 1 => Target::Accept,
            2 => Target::Reject,
            other => Target::State(other % states),
        }
    }

    fn transition(&mut self, scope: &Scope, states: usize) -> Transition {
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

    fn set(&mut self, ty: &Type) -> ValueSet {
        let (low, high) = (self.number(ty), self.number(ty));
        match self.choose(6) {
            0 => ValueSet::Any,
            1 => ValueSet::Mask { value: low & high, mask: high },
            2 => ValueSet::Range { low, high },
            _ => ValueSet::Value(low),
        }
    }

    /// A control, with actions and a table of its own.
    fn control(&mut self, parameters: Vec<Parameter>, callees: &[Callee]) -> ControlId {
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

    fn table(&mut self, scope: &Scope, actions: &[Callee]) -> TableId {
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

    fn block(&mut self, scope: &Scope, depth: usize) -> Vec<Statement> {
        (0..self.choose(5)).map(|_| statement(self.statement(scope, depth))).collect()
    }

    fn statement(&mut self, scope: &Scope, depth: usize) -> StatementKind {
        let in_parser = scope.kind == Kind::Parser;
        let in_control = matches!(scope.kind, Kind::Control | Kind::Action);
        match self.choose(16) {
            1 if depth > 0 && !in_parser => {
                let condition = self.expression(scope, &Type::Bool, 3);
                let then = self.block(scope, depth - 1);
                let otherwise = self.block(scope, depth - 1);
                StatementKind::If { condition, then, otherwise }
            }
            2 if depth > 0 && !in_parser => {
                let subject = self.expression(scope, &Type::Bit(8), 2);
                let count = self.choose(7) as u128;
                let cases = (0..count).map(|v| (vec![v, v + 9], self.block(scope, depth - 1)));
                let cases = cases.collect();
                let otherwise = self.block(scope, depth - 1);
                StatementKind::Switch { subject, cases, otherwise }
            }
            3 | 4 if !scope.callees.is_empty() => {
                let callee = self.pick(&scope.callees);
                StatementKind::Call(self.call(scope, callee))
            }
            5 => StatementKind::Call(self.call_function(scope, None)),
            6 if in_control && self.chance(30) => StatementKind::Exit,
            7 if in_control && self.chance(30) => StatementKind::Return(None),
            7 if matches!(scope.kind, Kind::Function(_)) && self.chance(30) => {
                let Kind::Function(ty) = scope.kind.clone() else { unreachable!() };
                StatementKind::Return(Some(self.expression(scope, &ty, 2)))
            }
            8 if !scope.tables.is_empty() => StatementKind::ApplyTable(scope.tables[0]),
            9 if !scope.tables.is_empty() && depth > 0 => StatementKind::SwitchAction {
                table: scope.tables[0],
                cases: vec![(vec![self.choose(2)], self.block(scope, depth - 1))],
                otherwise: self.block(scope, depth - 1),
            },
            10..=12 => StatementKind::Extern(self.extern_call(scope)),
            _ => {
                let (place, ty) = self.any_place(scope);
                let value = self.expression(scope, &ty, 4);
                StatementKind::Assign(place, value)
            }
        }
    }

    fn extern_call(&mut self, scope: &Scope) -> ExternCall {
        let header = self.pick(&[HEADER_A, HEADER_A, HEADER_B, HEADER_ODD, HEADER_V]);
        let place = self.place(scope, &Type::Header(header), true);
        let stack = self.place(scope, &Type::Stack(HEADER_A, 3), true);
        let parser = scope.kind == Kind::Parser;
        let size = Type::Bit(32);
        match (self.choose(14), place, stack) {
            (0, Some(place), _) => ExternCall::SetInvalid(place),
            (1, _, Some(stack)) => ExternCall::PushFront(stack, self.choose(5) as u32),
            (2, _, Some(stack)) => ExternCall::PopFront(stack, self.choose(5) as u32),
            (3, ..) => {
                let (id, ty) = self.pick(&[(0, Type::Bit(8)), (1, Type::Bit(128))]);
                match self.place(scope, &ty, true) {
                    Some(place) if self.chance(50) => {
                        let index = self.expression(scope, &Type::Bit(8), 2);
                        ExternCall::ReadRegister(ExternId(id), place, index)
                    }
                    _ => {
                        let index = constant(&Type::Bit(8), self.choose(4) as u128);
                        let value = self.expression(scope, &ty, 2);
                        ExternCall::WriteRegister(ExternId(id), index, value)
                    }
                }
            }
            (4, Some(place), _) if scope.kind == Kind::Control => {
                let to = self.place(scope, &Type::Bit(16), true);
                let data = vec![
                    expression(Type::Header(header), ExpressionKind::Read(place)),
                    self.expression(scope, &Type::Bit(13), 2),
                ];
                let types = data.iter().map(|value| value.ty.clone()).collect();
                ExternCall::UpdateChecksum(Checksum {
                    condition: self.expression(scope, &Type::Bool, 2),
                    data: expression(Type::Tuple(types), ExpressionKind::Aggregate(data)),
                    checksum: to.unwrap_or(Place::Slice(
                        Box::new(Place::Variable(scope.variables[0].0)),
                        15,
                        0,
                    )),
                    algorithm: HashAlgorithm::Csum16,
                    with_payload: false,
                })
            }
            (5, ..) if self.chance(20) => {
                ExternCall::Assert(self.expression(scope, &Type::Bool, 2))
            }
            (6, ..) if parser => ExternCall::Advance(constant(&size, self.choose(4) as u128 * 8)),
            (7, ..) if parser => ExternCall::Verify(
                self.expression(scope, &Type::Bool, 2),
                constant(&Type::Error, 4),
            ),
            (8, ..) if parser => ExternCall::Extract(ExtractTo::Nothing(HEADER_ODD)),
            (9.., Some(place), _) if parser && header == HEADER_V => {
                let bits =
                    constant(&size, self.choose(27) as u128 * 8 + u128::from(self.chance(5)));
                ExternCall::ExtractVariable(place, bits)
            }
            (9.., Some(place), _) if parser => ExternCall::Extract(ExtractTo::Place(place)),
            (_, Some(place), _) => ExternCall::SetValid(place),
            _ => ExternCall::Assert(constant(&Type::Bool, 1)),
        }
    }

    fn call(&mut self, scope: &Scope, callee: Callee) -> Call {
        let mut parameters = match callee {
            Callee::Action(id) => self.program.actions[id.index()].parameters.clone(),
            Callee::Function(id) => self.program.functions[id.index()].parameters.clone(),
            Callee::Control(id) => self.program.controls[id.index()].parameters.clone(),
            Callee::Parser(id) => self.program.parsers[id.index()].parameters.clone(),
        };
        if let Callee::Action(id) = callee {
            let control = &self.program.actions[id.index()].control_parameters;
            let direction = Direction::In;
            parameters.extend(
                control.iter().map(|control| Parameter { direction, variable: control.variable }),
            );
        }
        Call { callee, arguments: self.arguments(scope, &parameters) }
    }

    fn call_function(&mut self, scope: &Scope, result: Option<&Type>) -> Call {
        let functions = &self.program.functions[..scope.functions];
        let fit = functions.iter().enumerate();
        let fit = fit.filter(|(_, f)| result.is_none_or(|result| f.result == *result));
        let fit: Vec<_> = fit.map(|(place, _)| place as u32).collect();
        if fit.is_empty() {
            // Nothing to be called yet: an empty function that stands for itself.
            let result = result.cloned().unwrap_or(Type::Void);
            let id = FunctionId(self.program.functions.len() as u32);
            let (parameters, body) = (vec![], vec![]);
            self.program.functions.push(Function { name: "e".into(), parameters, result, body });
            return Call { callee: Callee::Function(id), arguments: vec![] };
        }
        let id = self.pick(&fit);
        self.call(scope, Callee::Function(FunctionId(id)))
    }

    fn arguments(&mut self, scope: &Scope, parameters: &[Parameter]) -> Vec<Argument> {
        let arguments = parameters.iter().map(|parameter| {
            let ty = self.program.variables[parameter.variable.index()].ty.clone();
            let place = self.place(scope, &ty, true);
            match (parameter.direction, place) {
                (Direction::Out, _) if self.chance(10) => Argument::Out(None),
                (Direction::Out, place) => Argument::Out(place),
                (Direction::InOut, Some(place)) => Argument::InOut(place),
                _ => Argument::In(self.expression(scope, &ty, 3)),
            }
        });
        arguments.collect()
    }

    // Places.

    /// All places that can be seen, with their types.
    fn places(&mut self, scope: &Scope, writable: bool) -> Vec<(Place, Type)> {
        let mut places = Vec::new();
        let index = scope
            .variables
            .iter()
            .find(|(variable, _)| self.program.variables[variable.index()].ty == Type::Bit(8));
        let index = index.map(|(variable, _)| *variable);
        for (variable, may_change) in &scope.variables {
            if *may_change || !writable {
                let ty = self.program.variables[variable.index()].ty.clone();
                self.inside(Place::Variable(*variable), ty, scope, index, &mut places);
            }
        }
        places
    }

    fn inside(
        &mut self,
        place: Place,
        ty: Type,
        scope: &Scope,
        index: Option<VariableId>,
        places: &mut Vec<(Place, Type)>,
    ) {
        match &ty {
            Type::Header(id) | Type::Struct(id) => {
                let fields = self.program.composites[id.index()].fields.clone();
                for (place_of, field) in fields.into_iter().enumerate() {
                    let inner = Place::Field(Box::new(place.clone()), place_of as u32);
                    self.inside(inner, field.ty, scope, index, places);
                }
            }
            Type::Stack(id, _) => {
                let stack = Box::new(place.clone());
                let inner = match (self.choose(5), index) {
                    (1, Some(index)) => {
                        let read = ExpressionKind::Read(Place::Variable(index));
                        Place::Element(stack, Box::new(expression(Type::Bit(8), read)))
                    }
                    (2, _) if scope.kind == Kind::Parser => Place::Next(stack),
                    (3, _) if scope.kind == Kind::Parser => Place::Last(stack),
                    _ => {
                        let index = constant(&Type::Bit(32), self.choose(4) as u128);
                        Place::Element(stack, Box::new(index))
                    }
                };
                self.inside(inner, Type::Header(*id), scope, index, places);
            }
            _ => {}
        }
        places.push((place, ty));
    }

    fn any_place(&mut self, scope: &Scope) -> (Place, Type) {
        let places = self.places(scope, true);
        let (place, ty) = self.pick(&places);
        match ty {
            Type::Bit(width) | Type::Int(width) if self.chance(20) => {
                let (high, low) = self.bounds(width);
                (Place::Slice(Box::new(place), high, low), Type::Bit(high - low + 1))
            }
            _ => (place, ty),
        }
    }

    fn bounds(&mut self, width: u32) -> (u32, u32) {
        let (one, other) = (self.choose(width as usize), self.choose(width as usize));
        (one.max(other) as u32, one.min(other) as u32)
    }

    fn place(&mut self, scope: &Scope, ty: &Type, writable: bool) -> Option<Place> {
        let mut places = self.places(scope, writable);
        places.retain(|(_, other)| {
            other == ty || matches!((other, ty), (Type::Bit(a), Type::Bit(b)) if a > b)
        });
        if places.is_empty() {
            return None;
        }
        let (place, found) = self.pick(&places);
        match (found, ty) {
            (Type::Bit(from), Type::Bit(to)) if from > *to => {
                let low = self.choose((from - to) as usize) as u32;
                Some(Place::Slice(Box::new(place), low + to - 1, low))
            }
            _ => Some(place),
        }
    }

    // Expressions.

    fn number(&mut self, ty: &Type) -> u128 {
        let width = super::super::packing::width_of(&self.program, ty).unwrap_or(1);
        let width = if matches!(ty, Type::Error | Type::Enum(EnumId(0))) { 1 } else { width };
        let mask = super::super::operators::mask(width);
        let value = match self.choose(5) {
            0 => 0,
            1 => 1,
            2 => mask,
            3 => mask / 2 + 1,
            _ => {
                let words = (0..4).map(|_| self.choose(usize::MAX) as u128);
                words.fold(0, |value, word| value << 32 | word & 0xffff_ffff)
            }
        };
        value & mask
    }

    fn expression(&mut self, scope: &Scope, ty: &Type, depth: usize) -> Expression {
        let kind = self.kind(scope, ty, depth);
        expression(ty.clone(), kind)
    }

    fn kind(&mut self, scope: &Scope, ty: &Type, depth: usize) -> ExpressionKind {
        let choice = if depth == 0 { self.choose(2) } else { self.choose(14) };
        if choice > 0
            && choice < 5
            && let Some(place) = self.place(scope, ty, false)
        {
            return ExpressionKind::Read(place);
        }
        if !matches!(ty, Type::Bool | Type::Bit(_) | Type::Int(_) | Type::Error | Type::Enum(_)) {
            return self.aggregate(scope, ty, depth, choice);
        }
        let inner = |generator: &mut Self, ty: Type| {
            Box::new(generator.expression(scope, &ty, depth.saturating_sub(1)))
        };
        match (choice, ty) {
            (5, _) => {
                let condition = inner(self, Type::Bool);
                let (then, otherwise) = (inner(self, ty.clone()), inner(self, ty.clone()));
                ExpressionKind::Conditional(condition, then, otherwise)
            }
            (6, Type::Bit(8) | Type::Bool) => {
                ExpressionKind::Call(Box::new(self.call_function(scope, Some(ty))))
            }
            (7, Type::Bit(32)) => ExpressionKind::PacketLength,
            (7, Type::Bit(_) | Type::Int(_)) if scope.kind == Kind::Parser => {
                ExpressionKind::Lookahead
            }
            (8.., Type::Bool) => self.boolean(scope, depth, choice),
            (8, Type::Bit(width)) if *width > 1 => {
                let right = 1 + self.choose(*width as usize - 1) as u32;
                let (left, right) = (Type::Bit(width - right), Type::Bit(right));
                let (left, right) = (inner(self, left), inner(self, right));
                ExpressionKind::Binary(BinaryOperator::Concatenate, left, right)
            }
            (9, Type::Bit(width)) if *width < 128 => {
                let from = width + 1 + self.choose((128 - width) as usize) as u32;
                let low = self.choose((from - width) as usize) as u32;
                let from = if self.chance(30) { Type::Int(from) } else { Type::Bit(from) };
                ExpressionKind::Slice(inner(self, from), low + width - 1, low)
            }
            (10, Type::Bit(width)) => {
                let other = Type::Bit(1 + self.choose(128) as u32);
                let from = self.pick(&[other, Type::Int(*width)]);
                ExpressionKind::Cast(inner(self, from))
            }
            (10, Type::Int(width)) => {
                let other = Type::Int(1 + self.choose(128) as u32);
                let from = self.pick(&[other, Type::Bit(*width)]);
                ExpressionKind::Cast(inner(self, from))
            }
            (11, Type::Bit(_) | Type::Int(_)) => {
                let operator = self.pick(&[UnaryOperator::Complement, UnaryOperator::Negate]);
                ExpressionKind::Unary(operator, inner(self, ty.clone()))
            }
            (12.., Type::Bit(_) | Type::Int(_)) => {
                use BinaryOperator as B;
                let operators = [B::Add, B::Subtract, B::Multiply, B::SaturatingAdd, B::BitAnd];
                let more =
                    [B::SaturatingSubtract, B::BitOr, B::BitXor, B::ShiftLeft, B::ShiftRight];
                let operator = self.pick(&[operators, more].concat());
                let right = match operator {
                    B::ShiftLeft | B::ShiftRight => self.pick(&[Type::Bit(8), Type::Bit(128)]),
                    _ => ty.clone(),
                };
                let (left, right) = (inner(self, ty.clone()), inner(self, right));
                ExpressionKind::Binary(operator, left, right)
            }
            _ => ExpressionKind::Constant(self.number(ty)),
        }
    }

    fn boolean(&mut self, scope: &Scope, depth: usize, choice: usize) -> ExpressionKind {
        use BinaryOperator as B;
        let inner = |generator: &mut Self, ty: &Type| {
            Box::new(generator.expression(scope, ty, depth.saturating_sub(1)))
        };
        match choice {
            8 => ExpressionKind::Unary(UnaryOperator::Not, inner(self, &Type::Bool)),
            9 => {
                let operator = self.pick(&[B::And, B::Or]);
                let (left, right) = (inner(self, &Type::Bool), inner(self, &Type::Bool));
                ExpressionKind::Binary(operator, left, right)
            }
            10 if !scope.tables.is_empty() => {
                ExpressionKind::ApplyTable { table: scope.tables[0], hit: self.chance(50) }
            }
            11 => match self.place(scope, &Type::Header(HEADER_A), false) {
                Some(place) => ExpressionKind::IsValid(place),
                None => ExpressionKind::Constant(0),
            },
            12 => {
                let types = [
                    Type::Header(HEADER_A),
                    Type::Struct(STRUCT),
                    Type::Stack(HEADER_A, 3),
                    Type::Header(HEADER_V),
                ];
                let (ty, operator) = (self.pick(&types), self.pick(&[B::Equal, B::NotEqual]));
                let (left, right) = (inner(self, &ty), inner(self, &ty));
                ExpressionKind::Binary(operator, left, right)
            }
            _ => {
                let operators = [B::Equal, B::NotEqual, B::Less, B::LessEqual, B::Greater];
                let mut operators = operators.to_vec();
                operators.push(B::GreaterEqual);
                let operator = self.pick(&operators);
                let ty = self.pick(&[Type::Bit(8), Type::Int(8), Type::Bit(128), Type::Int(33)]);
                let (left, right) = (inner(self, &ty), inner(self, &ty));
                ExpressionKind::Binary(operator, left, right)
            }
        }
    }

    fn aggregate(
        &mut self,
        scope: &Scope,
        ty: &Type,
        depth: usize,
        choice: usize,
    ) -> ExpressionKind {
        let less = depth.saturating_sub(1);
        if choice == 5 {
            let condition = Box::new(self.expression(scope, &Type::Bool, less));
            let then = Box::new(self.expression(scope, ty, less));
            let otherwise = Box::new(self.expression(scope, ty, less));
            return ExpressionKind::Conditional(condition, then, otherwise);
        }
        match ty {
            Type::Header(HEADER_A) | Type::Struct(STRUCT) if choice == 6 => {
                ExpressionKind::Call(Box::new(self.call_function(scope, Some(ty))))
            }
            Type::Header(HEADER_A | HEADER_B) if choice == 7 && scope.kind == Kind::Parser => {
                ExpressionKind::Lookahead
            }
            // There is no expression for a new varbit, and none for a whole stack.
            Type::Varbit(_) | Type::Stack(..) | Type::Header(HEADER_V) => {
                match self.place(scope, ty, false) {
                    Some(place) => ExpressionKind::Read(place),
                    None => self.function_for(ty),
                }
            }
            Type::Header(_) if choice < 8 => ExpressionKind::InvalidHeader,
            Type::Header(id) | Type::Struct(id) => {
                let fields = self.program.composites[id.index()].fields.clone();
                let values = fields.iter().map(|field| self.expression(scope, &field.ty, less));
                ExpressionKind::Aggregate(values.collect())
            }
            _ => ExpressionKind::InvalidHeader,
        }
    }

    /// A value of a type without expressions: what a function without body gives.
    fn function_for(&mut self, ty: &Type) -> ExpressionKind {
        let id = FunctionId(self.program.functions.len() as u32);
        let (parameters, body, result) = (vec![], vec![], ty.clone());
        self.program.functions.push(Function { name: "e".into(), parameters, result, body });
        ExpressionKind::Call(Box::new(Call { callee: Callee::Function(id), arguments: vec![] }))
    }
}

fn statement(kind: StatementKind) -> Statement {
    Statement { kind, span: NOWHERE }
}

fn expression(ty: Type, kind: ExpressionKind) -> Expression {
    Expression { ty, kind, span: NOWHERE }
}

fn constant(ty: &Type, value: u128) -> Expression {
    expression(ty.clone(), ExpressionKind::Constant(value))
}
