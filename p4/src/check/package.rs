//! The package `main`: the parts of the pipeline.

use std::sync::Arc;

use super::arguments::Called;
use super::problem::CheckProblem;
use super::scopes::{BlockInstance, Symbol};
use super::types::{Packet, Ty};
use super::{Checker, Part};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, Argument, Direction, ExpressionKind, TypeKind};

/// The parameters of V1Switch with the parts they are.
const PARTS: [Part; 6] = [
    Part::Parser,
    Part::VerifyChecksum,
    Part::Ingress,
    Part::Egress,
    Part::ComputeChecksum,
    Part::Deparser,
];

/// What a parameter of a part is.
#[derive(Clone, Copy, Debug)]
enum Role {
    Packet(Packet),
    Headers(Direction),
    Metadata,
    StandardMetadata,
}

impl Part {
    fn roles(self) -> &'static [Role] {
        const IN_OUT: Role = Role::Headers(Direction::InOut);
        match self {
            Part::Parser => &[
                Role::Packet(Packet::In),
                Role::Headers(Direction::Out),
                Role::Metadata,
                Role::StandardMetadata,
            ],
            Part::VerifyChecksum | Part::ComputeChecksum => &[IN_OUT, Role::Metadata],
            Part::Ingress | Part::Egress => &[IN_OUT, Role::Metadata, Role::StandardMetadata],
            Part::Deparser => &[Role::Packet(Packet::Out), Role::Headers(Direction::In)],
        }
    }

    fn words(self) -> &'static str {
        match self {
            Part::Parser => "a parser of (packet_in, out H, inout M, inout standard_metadata_t)",
            Part::VerifyChecksum | Part::ComputeChecksum => "a control of (inout H, inout M)",
            Part::Ingress | Part::Egress => {
                "a control of (inout H, inout M, inout standard_metadata_t)"
            }
            Part::Deparser => "a control of (packet_out, in H)",
        }
    }
}

/// The types that the parts agree on.
#[derive(Clone, Debug, Default)]
struct Shared {
    headers: Option<Ty>,
    metadata: Option<Ty>,
    standard_metadata: Option<ir::CompositeId>,
}

impl<'a> Checker<'a> {
    /// The package `main`.
    pub(super) fn package(
        &mut self,
        instance: &'a ast::Instance,
        span: Span,
    ) -> Option<ir::Pipeline> {
        let (TypeKind::Name(path) | TypeKind::Specialized(path, _)) = &instance.ty.kind else {
            return self.refuse(instance.ty.span, CheckProblem::NotV1Switch);
        };
        let named = self.find(path)?;
        let Symbol::Package(package) = named.symbol else {
            return self.refuse(instance.ty.span, CheckProblem::NotV1Switch);
        };
        let called = Called { name: "V1Switch", declared: package.name.span, span };
        let names: Vec<(&str, bool)> = package
            .parameters
            .iter()
            .map(|parameter| (&*parameter.name.text, parameter.default.is_some()))
            .collect();
        let matched = self.match_arguments(&called, &names, &instance.arguments)?;
        let mut shared = Shared::default();
        let mut instances = Vec::new();
        for (part, argument) in PARTS.into_iter().zip(matched) {
            let made = self.part(part, argument?, &mut shared);
            instances.push(made);
        }
        let instances: Vec<ir::Callee> = instances.into_iter().collect::<Option<_>>()?;
        let headers = shared.headers.clone()?;
        let metadata = shared.metadata.clone()?;
        let headers = self.lowered(&headers, span)?;
        let metadata = self.lowered(&metadata, span)?;
        let standard_metadata = shared.standard_metadata?;
        match instances.as_slice() {
            [
                ir::Callee::Parser(parser),
                ir::Callee::Control(verify_checksum),
                ir::Callee::Control(ingress),
                ir::Callee::Control(egress),
                ir::Callee::Control(compute_checksum),
                ir::Callee::Control(deparser),
            ] => Some(ir::Pipeline {
                parser: *parser,
                verify_checksum: *verify_checksum,
                ingress: *ingress,
                egress: *egress,
                compute_checksum: *compute_checksum,
                deparser: *deparser,
                headers,
                metadata,
                standard_metadata,
            }),
            _ => self.refuse(span, CheckProblem::NotV1Switch),
        }
    }

    fn part(
        &mut self,
        part: Part,
        argument: &'a Argument,
        shared: &mut Shared,
    ) -> Option<ir::Callee> {
        let value = argument.value.as_ref()?;
        let instance = self.part_instance(part, value)?;
        let is_parser = matches!(instance.callee, ir::Callee::Parser(_));
        let roles = part.roles();
        let fits = is_parser == (part == Part::Parser)
            && instance.parameters.len() == roles.len()
            && instance.parameters.iter().zip(roles).all(|(parameter, role)| match role {
                Role::Packet(packet) => parameter.ty == Ty::Packet(*packet),
                Role::Headers(direction) => parameter.direction == *direction,
                Role::Metadata | Role::StandardMetadata => parameter.direction == Direction::InOut,
            });
        if !fits {
            let wanted = part.words();
            let related = vec![(instance.span, "declared here")];
            self.report_with(value.span, CheckProblem::WrongPart { wanted }, related);
            return None;
        }
        for (parameter, role) in instance.parameters.iter().zip(roles) {
            let slot = match role {
                Role::Packet(_) => continue,
                Role::Headers(_) => &mut shared.headers,
                Role::Metadata => &mut shared.metadata,
                Role::StandardMetadata => {
                    let Ty::Struct(id) = parameter.ty else {
                        let wanted = part.words();
                        return self.refuse(parameter.span, CheckProblem::WrongPart { wanted });
                    };
                    if &*self.types.composite_name(id) != "standard_metadata_t" {
                        let wanted = part.words();
                        return self.refuse(parameter.span, CheckProblem::WrongPart { wanted });
                    }
                    shared.standard_metadata = Some(id);
                    continue;
                }
            };
            match slot {
                Some(ty) if *ty != parameter.ty => {
                    let expected = self.types.show(ty);
                    let found = self.types.show(&parameter.ty);
                    let problem = CheckProblem::Mismatch { expected, found };
                    return self.refuse(parameter.span, problem);
                }
                _ => *slot = Some(parameter.ty.clone()),
            }
        }
        Some(instance.callee)
    }

    fn part_instance(&mut self, part: Part, value: &'a ast::Expression) -> Option<BlockInstance> {
        let path = match &value.kind {
            ExpressionKind::Path(path) => {
                let named = self.find(path)?;
                return match named.symbol {
                    Symbol::BlockInstance(instance) => Some(instance),
                    _ => self.refuse(value.span, CheckProblem::WrongPart { wanted: part.words() }),
                };
            }
            ExpressionKind::Call { function, arguments, .. } => match &function.kind {
                ExpressionKind::Path(path) => Some((path, arguments)),
                _ => None,
            },
            _ => None,
        };
        let Some((path, arguments)) = path else {
            return self.refuse(value.span, CheckProblem::WrongPart { wanted: part.words() });
        };
        let named = self.find(path)?;
        let Symbol::Block(block) = named.symbol else {
            return self.refuse(value.span, CheckProblem::WrongPart { wanted: part.words() });
        };
        let given = self.name_annotation(block.annotations);
        let name = given.as_deref().map_or(&*path.name.text, |name| name.trim_start_matches('.'));
        self.instantiate(block, Arc::from(name), arguments, Some(part), value.span)
    }
}
