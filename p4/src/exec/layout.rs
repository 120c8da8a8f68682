//! Where values stand: every scalar has a slot of its own in one flat array.
//!
//! A struct or tuple is its fields one after the other, a header a validity slot and then its
//! fields, a stack its next index and then its headers. A varbit is its length in bits and then
//! its bits, 128 to a slot, the first bit on top and zeros behind the last. So a value of any type
//! is one stretch of slots, and all zeros is what a new variable holds.
//!
//! Parameters need not be copied where nobody could tell: see [`Storage::new`].

use crate::ir::{
    Argument, Call, Callee, Composite, CompositeId, Direction, Expression, ExpressionKind, Place,
    Program, Type, VariableId,
};

use super::TooLarge;
use super::walk;

/// The place of a scalar.
pub(super) type Slot = u32;

/// The most slots that a program may take: 16 MiB for each thread.
const MAX_SLOTS: u64 = 1 << 20;

/// How many slots values of a type take.
pub(super) struct Sizes<'p> {
    program: &'p Program,
    composites: Vec<Option<u64>>,
}

impl<'p> Sizes<'p> {
    pub(super) fn new(program: &'p Program) -> Sizes<'p> {
        let mut sizes = Sizes { program, composites: vec![None; program.composites.len()] };
        for index in 0..program.composites.len() {
            sizes.measure(index);
        }
        sizes
    }

    /// Composites hold only others that do not hold them, so that this comes to an end.
    fn measure(&mut self, index: usize) -> u64 {
        if let Some(size) = self.composites[index] {
            return size;
        }
        let composite: &'p Composite = &self.program.composites[index];
        let mut size = u64::from(composite.is_header);
        for field in &composite.fields {
            for inner in composites_of(&field.ty) {
                self.measure(inner);
            }
            size = size.saturating_add(self.wide(&field.ty));
        }
        self.composites[index] = Some(size);
        size
    }

    fn wide(&self, ty: &Type) -> u64 {
        match ty {
            Type::Bool | Type::Bit(_) | Type::Int(_) | Type::Error | Type::Enum(_) => 1,
            Type::Varbit(bits) => 1 + u64::from(bits.div_ceil(128)),
            Type::Header(id) | Type::Struct(id) => {
                self.composites.get(id.index()).copied().flatten().unwrap_or(0)
            }
            Type::Stack(id, count) => {
                let element = self.wide(&Type::Header(*id));
                element.saturating_mul(u64::from(*count)).saturating_add(1)
            }
            Type::Tuple(types) => {
                types.iter().fold(0_u64, |sum, ty| sum.saturating_add(self.wide(ty)))
            }
            Type::Void => 0,
        }
    }

    /// How many slots a value takes.
    pub(super) fn of(&self, ty: &Type) -> u32 {
        u32::try_from(self.wide(ty)).unwrap_or(u32::MAX)
    }

    /// Where a field begins, from the beginning of the header, struct or tuple, and its type.
    pub(super) fn field(&self, ty: &Type, place: u32) -> (u32, Type) {
        let place = place as usize;
        match ty {
            Type::Header(id) | Type::Struct(id) => {
                let composite = &self.program.composites[id.index()];
                let before = composite.fields[..place].iter().map(|field| self.of(&field.ty));
                let start = before.sum::<u32>() + u32::from(composite.is_header);
                (start, composite.fields[place].ty.clone())
            }
            Type::Tuple(types) => {
                (types[..place].iter().map(|ty| self.of(ty)).sum(), types[place].clone())
            }
            // The checker lets only these have fields.
            other => (0, other.clone()),
        }
    }

    /// Where the field of this name begins.
    pub(super) fn named_field(&self, id: CompositeId, name: &str) -> Option<u32> {
        let composite = &self.program.composites[id.index()];
        let place = composite.fields.iter().position(|field| *field.name == *name)?;
        let ty = if composite.is_header { Type::Header(id) } else { Type::Struct(id) };
        Some(self.field(&ty, place as u32).0)
    }

    /// The type of what stands at a place.
    pub(super) fn type_of(&self, place: &Place) -> Type {
        match place {
            Place::Variable(variable) => self.program.variables[variable.index()].ty.clone(),
            Place::Field(inner, field) => self.field(&self.type_of(inner), *field).1,
            Place::Element(stack, _) | Place::Next(stack) | Place::Last(stack) => {
                match self.type_of(stack) {
                    Type::Stack(id, _) => Type::Header(id),
                    other => other,
                }
            }
            Place::Slice(_, high, low) => Type::Bit((high - low).saturating_add(1)),
        }
    }
}

fn composites_of(ty: &Type) -> Vec<usize> {
    match ty {
        Type::Header(id) | Type::Struct(id) | Type::Stack(id, _) => vec![id.index()],
        Type::Tuple(types) => types.iter().flat_map(composites_of).collect(),
        _ => Vec::new(),
    }
}

/// A stretch of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: Slot,
    pub(super) count: u32,
}

impl Stretch {
    pub(super) fn overlaps(self, other: Stretch) -> bool {
        self.start < other.start + other.count && other.start < self.start + self.count
    }
}

/// Where every variable stands.
pub(super) struct Storage<'p> {
    pub(super) sizes: Sizes<'p>,
    variables: Vec<Slot>,
    /// The first slot behind all variables.
    pub(super) end: Slot,
}

impl<'p> Storage<'p> {
    /// Gives every variable its slots.
    ///
    /// The parts of the pipeline share theirs: the headers that ingress changes are those that the
    /// parser filled. The same goes for a parameter of a control or parser that is applied at one
    /// place only: while it runs nobody else can look at the argument, because a control and a
    /// parser see only their own parameters and variables, so that the parameter may be the
    /// argument itself, as long as no other argument overlaps it or may change it when it is
    /// evaluated.
    pub(super) fn new(program: &'p Program) -> Result<Storage<'p>, TooLarge> {
        let sizes = Sizes::new(program);
        let aliases = Aliases::find(program, &sizes);
        let mut storage = Storage { sizes, variables: Vec::new(), end: 0 };
        let mut slots: Vec<Option<Slot>> = vec![None; program.variables.len()];
        let mut end: u64 = 0;
        for (index, variable) in program.variables.iter().enumerate() {
            if aliases.of[index].is_none() {
                slots[index] = Some(u32::try_from(end).unwrap_or(u32::MAX));
                end = end.saturating_add(storage.sizes.wide(&variable.ty));
            }
            if end > MAX_SLOTS {
                return Err(TooLarge::Variables { name: variable.name.clone() });
            }
        }
        for index in 0..program.variables.len() {
            let slot = aliases.resolve(index, &slots);
            slots[index] = Some(slot);
        }
        storage.variables = slots.into_iter().map(Option::unwrap_or_default).collect();
        storage.end = u32::try_from(end).unwrap_or(u32::MAX);
        Ok(storage)
    }

    /// Where a variable begins.
    pub(super) fn variable(&self, variable: VariableId) -> Slot {
        self.variables[variable.index()]
    }

    /// Where a place is, if that can be told without running the program.
    pub(super) fn stretch(&self, place: &Place) -> Option<Stretch> {
        let start = match place {
            Place::Variable(variable) => self.variable(*variable),
            _ => {
                let (variable, offset) = static_offset(place, &self.sizes)?;
                self.variable(variable) + offset
            }
        };
        Some(Stretch { start, count: self.sizes.of(&self.sizes.type_of(place)) })
    }
}

/// The variable that a place lies in and how far from its beginning, if no index has to be
/// evaluated.
fn static_offset(place: &Place, sizes: &Sizes<'_>) -> Option<(VariableId, u32)> {
    match place {
        Place::Variable(variable) => Some((*variable, 0)),
        Place::Field(inner, field) => {
            let (variable, offset) = static_offset(inner, sizes)?;
            Some((variable, offset + sizes.field(&sizes.type_of(inner), *field).0))
        }
        Place::Element(stack, index) => {
            let ExpressionKind::Constant(index) = index.kind else { return None };
            let (variable, offset) = static_offset(stack, sizes)?;
            let Type::Stack(header, count) = sizes.type_of(stack) else { return None };
            let index = u32::try_from(index).ok().filter(|index| *index < count)?;
            Some((variable, offset + 1 + index * sizes.of(&Type::Header(header))))
        }
        Place::Next(_) | Place::Last(_) | Place::Slice(..) => None,
    }
}

/// Which variable is a part of another one.
struct Aliases {
    of: Vec<Option<(VariableId, u32)>>,
}

impl Aliases {
    fn find(program: &Program, sizes: &Sizes<'_>) -> Aliases {
        let mut aliases = Aliases { of: vec![None; program.variables.len()] };
        aliases.join_pipeline(program);
        for calls in walk::calls_by_instance(program) {
            if let [call] = calls.as_slice() {
                aliases.join_call(program, sizes, call);
            }
        }
        aliases
    }

    /// The first variables are those of ingress, which has all three.
    fn join_pipeline(&mut self, program: &Program) {
        let pipeline = &program.pipeline;
        let control = |id: crate::ir::ControlId| program.controls[id.index()].parameters.as_slice();
        let first = control(pipeline.ingress);
        let parts = [
            program.parsers[pipeline.parser.index()].parameters.as_slice(),
            control(pipeline.verify_checksum),
            control(pipeline.egress),
            control(pipeline.compute_checksum),
            control(pipeline.deparser),
        ];
        for part in parts {
            for (parameter, same) in part.iter().zip(first) {
                if parameter.variable != same.variable {
                    self.of[parameter.variable.index()] = Some((same.variable, 0));
                }
            }
        }
    }

    fn join_call(&mut self, program: &Program, sizes: &Sizes<'_>, call: &Call) {
        let parameters = match call.callee {
            Callee::Control(id) => &program.controls[id.index()].parameters,
            Callee::Parser(id) => &program.parsers[id.index()].parameters,
            Callee::Action(_) | Callee::Function(_) => return,
        };
        for (index, (parameter, argument)) in parameters.iter().zip(&call.arguments).enumerate() {
            let Some(place) = place_of(argument) else { continue };
            let Some(at) = static_offset(place, sizes) else { continue };
            let size = sizes.of(&sizes.type_of(place));
            let others = call.arguments.iter().enumerate().filter(|(other, _)| *other != index);
            // Two that are only read may well be the same, unless evaluating one changes the other.
            let disjoint = others.map(|(_, other)| other).all(|other| {
                let both_read = parameter.direction == Direction::In
                    && matches!(other, Argument::In(value) if !walk::has_effects(value));
                both_read || !may_overlap(other, at, size, sizes)
            });
            if disjoint {
                self.of[parameter.variable.index()] = Some(at);
            }
        }
    }

    fn resolve(&self, index: usize, slots: &[Option<Slot>]) -> Slot {
        let (mut index, mut offset) = (index, 0);
        loop {
            match (self.of[index], slots[index]) {
                (_, Some(slot)) => return slot + offset,
                (Some((variable, further)), None) => {
                    (index, offset) = (variable.index(), offset + further);
                }
                (None, None) => return 0,
            }
        }
    }
}

/// The place that an argument is.
pub(super) fn place_of(argument: &Argument) -> Option<&Place> {
    match argument {
        Argument::In(Expression { kind: ExpressionKind::Read(place), .. })
        | Argument::Out(Some(place))
        | Argument::InOut(place) => Some(place),
        Argument::In(_) | Argument::Out(None) => None,
    }
}

/// Whether an argument may have to do with a stretch of a variable.
fn may_overlap(
    argument: &Argument,
    (variable, start): (VariableId, u32),
    size: u32,
    sizes: &Sizes<'_>,
) -> bool {
    if let Some(place) = place_of(argument)
        && let Some((other, offset)) = static_offset(place, sizes)
    {
        let stretch = Stretch { start: offset, count: sizes.of(&sizes.type_of(place)) };
        return other == variable && stretch.overlaps(Stretch { start, count: size });
    }
    let mut found = false;
    walk::argument(argument, &mut |node| match node {
        walk::Node::Place(Place::Variable(other)) => found |= *other == variable,
        // The actions of a table change what they see, which is named nowhere in the argument.
        walk::Node::Apply(_) => found = true,
        walk::Node::Place(_)
        | walk::Node::Statement(_)
        | walk::Node::Call(_)
        | walk::Node::Lookahead => {}
    });
    found
}
