//! Random statements.

use super::generate::*;
use crate::ir::*;

impl Generator<'_> {
    pub(super) fn block(&mut self, scope: &Scope, depth: usize) -> Vec<Statement> {
        (0..self.choose(5)).map(|_| statement(self.statement(scope, depth))).collect()
    }

    pub(super) fn statement(&mut self, scope: &Scope, depth: usize) -> StatementKind {
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

    pub(super) fn extern_call(&mut self, scope: &Scope) -> ExternCall {
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

    pub(super) fn call(&mut self, scope: &Scope, callee: Callee) -> Call {
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

    pub(super) fn call_function(&mut self, scope: &Scope, result: Option<&Type>) -> Call {
        let functions = &self.program.functions[..scope.functions];
        let fit = functions.iter().enumerate();
        let fit = fit.filter(|(_, f)| result.is_none_or(|result| f.result == *result));
        let fit: Vec<_> = fit.map(|(place, _)| place as u32).collect();
        if fit.is_empty() {
            return self.call_of_zeros(result.unwrap_or(&Type::Void));
        }
        let id = self.pick(&fit);
        self.call(scope, Callee::Function(FunctionId(id)))
    }

    /// A call of a function of its own, which gives what a new variable holds.
    pub(super) fn call_of_zeros(&mut self, result: &Type) -> Call {
        let id = FunctionId(self.program.functions.len() as u32);
        let value = (*result != Type::Void).then(|| {
            let zeros = self.variable("zeros", result.clone());
            expression(result.clone(), ExpressionKind::Read(Place::Variable(zeros)))
        });
        self.program.functions.push(Function {
            name: "zeros".into(),
            parameters: vec![],
            result: result.clone(),
            body: vec![statement(StatementKind::Return(value))],
        });
        Call { callee: Callee::Function(id), arguments: vec![] }
    }

    pub(super) fn arguments(&mut self, scope: &Scope, parameters: &[Parameter]) -> Vec<Argument> {
        let arguments = parameters.iter().map(|parameter| {
            let ty = self.program.variables[parameter.variable.index()].ty.clone();
            let place = self.place(scope, &ty, true);
            match (parameter.direction, place) {
                (Direction::Out, _) if self.chance(10) => Argument::Out(None),
                (Direction::Out, place) => Argument::Out(place),
                (Direction::InOut, Some(place)) => Argument::InOut(place),
                // Something that the call itself may change.
                (Direction::In, Some(place)) if self.chance(40) => {
                    Argument::In(expression(ty, ExpressionKind::Read(place)))
                }
                _ => Argument::In(self.expression(scope, &ty, 3)),
            }
        });
        arguments.collect()
    }
}
