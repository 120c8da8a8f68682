//! The declarations of the outermost scope, and those of types and constants.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::functions::MAX_OVERLOADS;
use super::problem::CheckProblem;
use super::scopes::{Block, BlockKind, Symbol, unsupported_name};
use super::types::{CompositeInfo, EnumInfo, ExternClass, NewType, Ty};
use super::{Checker, names, next_index};
use crate::ir;
use crate::source::Span;
use crate::syntax::ast::{self, DeclarationKind};

/// The functions of core.p4 and v1model that are supported.
pub(super) const EXTERN_FUNCTIONS: &[&str] = &[
    "verify",
    "static_assert",
    "mark_to_drop",
    "hash",
    "verify_checksum",
    "verify_checksum_with_payload",
    "update_checksum",
    "update_checksum_with_payload",
    "assert",
    "assume",
    "log_msg",
];

/// The match kinds of core.p4 and v1model.
const MATCH_KINDS: &[&str] = &["exact", "lpm", "ternary", "range", "optional", "selector"];

impl<'a> Checker<'a> {
    /// Takes a whole program; gives its pipeline.
    pub(super) fn unit(&mut self, unit: &'a ast::Unit) -> Option<ir::Pipeline> {
        let names = unit.declarations.iter().filter_map(declared_name);
        self.upcoming.push(names.map(|name| (name.text.clone(), name.span)).collect());
        for (order, declaration) in unit.declarations.iter().enumerate() {
            self.scopes.visible = order;
            self.outermost(declaration);
        }
        self.scopes.visible = unit.declarations.len();
        let pipeline = match self.main {
            Some((instance, span)) => self.package(instance, span),
            None => {
                let last = unit.declarations.last().map(|declaration| declaration.span);
                let span =
                    last.unwrap_or(Span { file: crate::source::FileId(0), start: 0, end: 0 });
                self.refuse(span, CheckProblem::NoMain)
            }
        };
        self.uninstantiated();
        pipeline
    }

    fn outermost(&mut self, declaration: &'a ast::Declaration) {
        let ast::Declaration { annotations, span, kind } = declaration;
        let order = self.scopes.visible;
        match kind {
            DeclarationKind::Parser(parser) => {
                self.block(BlockKind::Parser(parser), order, annotations, &parser.head.name);
            }
            DeclarationKind::Control(control) => {
                self.block(BlockKind::Control(control), order, annotations, &control.head.name);
            }
            DeclarationKind::Extern(declared) => self.extern_object(declared),
            DeclarationKind::ExternFunction(prototype) => self.extern_function(prototype),
            DeclarationKind::ParserType(head) | DeclarationKind::ControlType(head) => {
                self.declare(&head.name, Symbol::BlockType);
            }
            DeclarationKind::PackageType(head) => {
                if &*head.name.text == "V1Switch" {
                    self.declare(&head.name, Symbol::Package(head));
                } else {
                    let what = format!("the package `{}`, which is not one of v1model,", head.name);
                    self.report(head.name.span, CheckProblem::Unsupported { what });
                    self.declare(&head.name, Symbol::Poison);
                }
            }
            DeclarationKind::Action(action) => self.action(action, annotations, *span),
            DeclarationKind::Function(function) => self.function(function),
            DeclarationKind::Instance(instance) => {
                if &*instance.name.text == "main" {
                    if let Some((_, other)) = self.main {
                        let name = String::from("main");
                        let problem = CheckProblem::Duplicate { name };
                        self.report_with(*span, problem, vec![(other, "first declared here")]);
                    }
                    self.main = Some((instance, *span));
                } else {
                    self.instance(instance, annotations, *span);
                }
            }
            DeclarationKind::Variable(variable) => {
                self.report(
                    *span,
                    CheckProblem::Misplaced {
                        what: "a variable",
                        wanted: "within a parser, a control, an action or a function",
                    },
                );
                self.declare(&variable.name, Symbol::Poison);
            }
            DeclarationKind::Table(table) => {
                let (what, wanted) = ("a table", "within a control");
                self.report(*span, CheckProblem::Misplaced { what, wanted });
                self.declare(&table.name, Symbol::Poison);
            }
            other => self.type_or_constant(other, annotations, *span),
        }
    }

    fn block(
        &mut self,
        kind: BlockKind<'a>,
        order: usize,
        annotations: &'a [ast::Annotation],
        name: &'a ast::Name,
    ) {
        let block = Block { kind, order, annotations };
        self.blocks.push(block);
        self.declare(name, Symbol::Block(block));
    }

    fn extern_object(&mut self, declared: &'a ast::Extern) {
        let name = &*declared.name.text;
        let is_known = matches!(name, "packet_in" | "packet_out")
            || ExternClass::of_name(name).is_some()
            || unsupported_name(name).is_some();
        if is_known {
            self.declare(&declared.name, Symbol::ExternType(declared));
        } else {
            let what = format!("the extern `{name}`, which is not one of v1model,");
            self.report(declared.name.span, CheckProblem::Unsupported { what });
            self.declare(&declared.name, Symbol::Poison);
        }
    }

    fn extern_function(&mut self, prototype: &'a ast::Prototype) {
        let name = &prototype.name;
        if let Some(named) = self.scopes.find_here(&name.text) {
            match &mut named.symbol {
                Symbol::ExternFunctions(prototypes) if prototypes.len() < MAX_OVERLOADS => {
                    prototypes.push(prototype);
                }
                Symbol::ExternFunctions(_) => {
                    let what = format!("more than {MAX_OVERLOADS} functions of one name");
                    self.report(name.span, CheckProblem::Unsupported { what });
                }
                Symbol::Poison => {}
                _ => self.declare(name, Symbol::Poison),
            }
            return;
        }
        if EXTERN_FUNCTIONS.contains(&&*name.text) || unsupported_name(&name.text).is_some() {
            self.declare(name, Symbol::ExternFunctions(vec![prototype]));
        } else {
            let what = format!("the extern function `{name}`, which is not one of v1model,");
            self.report(name.span, CheckProblem::Unsupported { what });
            self.declare(name, Symbol::Poison);
        }
    }

    /// A type or a constant, of any scope.
    pub(super) fn type_or_constant(
        &mut self,
        kind: &'a DeclarationKind,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) {
        match kind {
            DeclarationKind::Constant(constant) => self.constant(constant),
            DeclarationKind::Header(fields) => self.composite(fields, true, annotations, span),
            DeclarationKind::Struct(fields) => self.composite(fields, false, annotations, span),
            DeclarationKind::HeaderUnion(fields) => {
                let what = format!("the header union `{}`", fields.name);
                self.report(fields.name.span, CheckProblem::Unsupported { what });
                self.declare(&fields.name, Symbol::Poison);
            }
            DeclarationKind::Enum(declared) => self.enumeration(declared),
            DeclarationKind::Error(members) => self.error_members(members),
            DeclarationKind::MatchKind(members) => self.match_kind_members(members),
            DeclarationKind::Typedef(alias) => {
                let symbol = self.ty(&alias.ty).map_or(Symbol::Poison, Symbol::Type);
                self.declare(&alias.name, symbol);
            }
            DeclarationKind::NewType(alias) => {
                let symbol = self.new_type(alias).map_or(Symbol::Poison, Symbol::Type);
                self.declare(&alias.name, symbol);
            }
            DeclarationKind::ValueSet(set) => {
                let what = format!("the value set `{}`", set.name);
                self.report(set.name.span, CheckProblem::Unsupported { what });
                self.declare(&set.name, Symbol::Poison);
            }
            _ => {
                let (what, wanted) = ("this declaration", "in the outermost scope");
                self.report(span, CheckProblem::Misplaced { what, wanted });
            }
        }
    }

    /// A constant.
    pub(super) fn constant(&mut self, constant: &'a ast::Constant) {
        let symbol = self.constant_value(constant).unwrap_or(Symbol::Poison);
        self.declare(&constant.name, symbol);
    }

    fn constant_value(&mut self, constant: &'a ast::Constant) -> Option<Symbol<'a>> {
        let ty = self.ty(&constant.ty)?;
        let operand = self.expression(&constant.value)?;
        let operand = self.constant_of(operand, &ty, "the value of a constant")?;
        let size = operand.size();
        Some(Symbol::Constant(operand, size))
    }

    fn new_type(&mut self, alias: &'a ast::Alias) -> Option<Ty> {
        let base = self.ty(&alias.ty)?;
        let representation = self.types.representation(&base);
        if !matches!(representation, Ty::Bool | Ty::Bit(_) | Ty::Int(_) | Ty::Error | Ty::Enum(_)) {
            let ty = self.types.show(&base);
            return self.refuse(alias.ty.span, CheckProblem::NewTypeOf { ty });
        }
        let id = next_index(&self.types.new_types);
        self.types.new_types.push(NewType { name: alias.name.text.clone(), base, representation });
        Some(Ty::New(id))
    }

    fn composite(
        &mut self,
        declared: &'a ast::Fields,
        is_header: bool,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) {
        let symbol = self.composite_type(declared, is_header, annotations, span);
        self.declare(&declared.name, symbol.map_or(Symbol::Poison, Symbol::Type));
    }

    fn composite_type(
        &mut self,
        declared: &'a ast::Fields,
        is_header: bool,
        annotations: &'a [ast::Annotation],
        span: Span,
    ) -> Option<Ty> {
        let name = declared.name.text.clone();
        if let Some(parameter) = declared.type_parameters.first() {
            let what = format!("the generic type `{name}<{parameter}>`");
            return self.unsupported(declared.name.span, what);
        }
        let mut fields = Vec::new();
        let mut known = Vec::new();
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut failed = false;
        for field in &declared.fields {
            if let Some(first) = seen.insert(&field.name.text, field.name.span) {
                let problem = CheckProblem::Duplicate { name: field.name.text.to_string() };
                self.report_with(field.name.span, problem, vec![(first, "first declared here")]);
                failed = true;
                continue;
            }
            let Some(ty) = self.value_type(&field.ty) else {
                failed = true;
                continue;
            };
            if is_header && self.header_field(&ty, &field.ty, seen_varbit(&known)).is_none() {
                failed = true;
                continue;
            }
            let Some(lowered) = self.lowered(&ty, field.ty.span) else { continue };
            let field_annotations = names::shown_annotations(&field.annotations);
            let name = field.name.text.clone();
            fields.push(ir::Field { name, ty: lowered, annotations: field_annotations });
            known.push((field.name.text.clone(), ty));
        }
        if failed {
            return None;
        }
        let inner = known.iter().map(|(_, ty)| self.types.slots(ty));
        let slots = inner.fold(1, u64::saturating_add);
        let depth = known.iter().map(|(_, ty)| self.types.depth(ty)).max().unwrap_or(0) + 1;
        let id = ir::CompositeId(next_index(&self.program.composites));
        let annotations = names::shown_annotations(annotations);
        self.note_controller_header(id, is_header, &annotations);
        self.program.composites.push(ir::Composite {
            name: name.clone(),
            is_header,
            fields,
            annotations,
        });
        let widths = self.types.sum_of_widths(known.iter().map(|(_, ty)| ty));
        let has_varbit = known.iter().any(|(_, ty)| self.types.has_varbit(ty));
        let is_emitted = is_header || known.iter().all(|(_, ty)| self.types.is_emitted(ty));
        let is_header_part =
            !is_header && known.iter().all(|(_, ty)| self.types.is_header_part(ty));
        let info = CompositeInfo {
            name,
            fields: known,
            span,
            slots,
            depth,
            widths,
            has_varbit,
            is_emitted,
            is_header_part,
        };
        self.types.composites.push(info);
        let ty = if is_header { Ty::Header(id) } else { Ty::Struct(id) };
        self.check_size(&ty, declared.name.span)?;
        Some(ty)
    }

    /// Refuses what cannot be a field of a header (specification 7.2.2).
    fn header_field(&mut self, ty: &Ty, written: &'a ast::Type, has_varbit: bool) -> Option<()> {
        let is_allowed = match self.types.representation(ty) {
            Ty::Varbit(_) => {
                if has_varbit {
                    return self.refuse(written.span, CheckProblem::SecondVarbit);
                }
                true
            }
            other => self.types.is_header_part(&other),
        };
        if is_allowed {
            return Some(());
        }
        let ty = self.types.show(ty);
        self.refuse(written.span, CheckProblem::HeaderField { ty })
    }

    fn note_controller_header(
        &mut self,
        header: ir::CompositeId,
        is_header: bool,
        annotations: &[ir::Annotation],
    ) {
        let found = annotations.iter().find(|one| &*one.name == "controller_header");
        if let (Some(annotation), true) = (found, is_header) {
            let name = Arc::from(annotation.body.trim().trim_matches('"'));
            self.program.controller_headers.push(ir::ControllerHeader { name, header });
        }
    }

    fn enumeration(&mut self, declared: &'a ast::Enum) {
        let symbol = self.enum_type(declared).map_or(Symbol::Poison, Symbol::Type);
        self.declare(&declared.name, symbol);
    }

    fn enum_type(&mut self, declared: &'a ast::Enum) -> Option<Ty> {
        let underlying = match &declared.underlying {
            Some(written) => Some((self.ty(written)?, written.span)),
            None => None,
        };
        if let Some((ty, span)) = &underlying
            && !matches!(ty, Ty::Bit(_) | Ty::Int(_))
        {
            let ty = self.types.show(ty);
            return self.refuse(*span, CheckProblem::EnumOf { ty });
        }
        let mut members = Vec::new();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut next = 0;
        for (name, value) in &declared.members {
            if !seen.insert(&name.text) {
                let problem = CheckProblem::Duplicate { name: name.text.to_string() };
                self.report(name.span, problem);
                continue;
            }
            let held = match (&underlying, value) {
                (Some((ty, _)), Some(value)) => {
                    let operand = self.expression(value)?;
                    self.convert_constant(operand, ty, "the value of a member")?
                }
                (None, None) => {
                    next += 1;
                    next - 1
                }
                (Some(_), None) => {
                    let (span, name) = (name.span, name.text.to_string());
                    return self.refuse(span, CheckProblem::MemberValue { name });
                }
                (None, Some(value)) => {
                    return self.refuse(value.span, CheckProblem::MemberWithoutType);
                }
            };
            members.push((name.text.clone(), held));
        }
        if members.is_empty() {
            return self.refuse(declared.name.span, CheckProblem::EmptyEnum);
        }
        let id = ir::EnumId(next_index(&self.program.enums));
        let name = declared.name.text.clone();
        let underlying = underlying.map(|(ty, _)| ty);
        let lowered = underlying.as_ref().and_then(|ty| self.types.lower(ty));
        let written =
            ir::Enum { name: name.clone(), underlying: lowered, members: members.clone() };
        self.program.enums.push(written);
        let span = declared.name.span;
        self.types.enums.push(EnumInfo { name, underlying, members, span });
        Some(Ty::Enum(id))
    }

    fn error_members(&mut self, members: &'a [ast::Name]) {
        for name in members {
            let value = self.program.errors.len() as u128;
            if self.errors.contains_key(&name.text) {
                let problem = CheckProblem::Duplicate { name: format!("error.{name}") };
                self.report(name.span, problem);
                continue;
            }
            self.errors.insert(name.text.clone(), value);
            self.program.errors.push(name.text.clone());
        }
    }

    fn match_kind_members(&mut self, members: &'a [ast::Name]) {
        for name in members {
            if !MATCH_KINDS.contains(&&*name.text) {
                let what = format!("the match kind `{name}`, which is not one of v1model,");
                self.report(name.span, CheckProblem::Unsupported { what });
            }
            if self.match_kinds.insert(name.text.clone(), name.span).is_some() {
                let problem = CheckProblem::Duplicate { name: name.text.to_string() };
                self.report(name.span, problem);
            }
        }
    }
}

fn seen_varbit(fields: &[(Arc<str>, Ty)]) -> bool {
    fields.iter().any(|(_, ty)| matches!(ty, Ty::Varbit(_)))
}

/// The name that a declaration declares, if it is one of a scope.
pub(super) fn declared_name(declaration: &ast::Declaration) -> Option<&ast::Name> {
    match &declaration.kind {
        DeclarationKind::Constant(declared) => Some(&declared.name),
        DeclarationKind::Variable(declared) => Some(&declared.name),
        DeclarationKind::Instance(declared) => Some(&declared.name),
        DeclarationKind::Header(declared)
        | DeclarationKind::HeaderUnion(declared)
        | DeclarationKind::Struct(declared) => Some(&declared.name),
        DeclarationKind::Enum(declared) => Some(&declared.name),
        DeclarationKind::Error(_) | DeclarationKind::MatchKind(_) => None,
        DeclarationKind::Typedef(declared) | DeclarationKind::NewType(declared) => {
            Some(&declared.name)
        }
        DeclarationKind::Extern(declared) => Some(&declared.name),
        DeclarationKind::ExternFunction(head)
        | DeclarationKind::ParserType(head)
        | DeclarationKind::ControlType(head)
        | DeclarationKind::PackageType(head) => Some(&head.name),
        DeclarationKind::Parser(declared) => Some(&declared.head.name),
        DeclarationKind::Control(declared) => Some(&declared.head.name),
        DeclarationKind::Action(declared) => Some(&declared.name),
        DeclarationKind::Table(declared) => Some(&declared.name),
        DeclarationKind::Function(declared) => Some(&declared.head.name),
        DeclarationKind::ValueSet(declared) => Some(&declared.name),
    }
}
