//! The checked program: every name resolved, every width known, every instance made.
//!
//! The checker makes it from the syntax tree, and an executable form is made from it. It holds one
//! pipeline of v1model. P4 has no recursion, so every variable, parameter and local of every
//! instance exists exactly once and is a [`Variable`]: a call copies its arguments into the
//! parameters and the results out of them. What takes type or constructor arguments is here once
//! for each instance, with the arguments put in.
//!
//! The invariants that the checker establishes and everything behind it relies on: types agree (the
//! operands of an operator, both sides of an assignment, arguments and parameters); every value of
//! type `int` without a size has got a width or been evaluated; widths are from 1 to 128 bits (0 for
//! a slice is refused); constants are in range; every id points to something; calls form no cycle,
//! except that a parser's states may; every expression and statement tree is at most
//! [`MAX_DEPTH`] deep.

use std::fmt;
use std::sync::Arc;

use crate::source::Span;

/// How deep expressions and statements may be nested.
pub const MAX_DEPTH: usize = 256;

macro_rules! ids {
    ($($(#[$attribute:meta])* $name:ident,)+) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in the list of the program.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}

ids! {
    /// A header or struct type: a place in [`Program::composites`].
    CompositeId,
    /// An enumeration: a place in [`Program::enums`].
    EnumId,
    /// A variable: a place in [`Program::variables`].
    VariableId,
    /// An action: a place in [`Program::actions`].
    ActionId,
    /// A function of the program: a place in [`Program::functions`].
    FunctionId,
    /// A control: a place in [`Program::controls`].
    ControlId,
    /// A parser: a place in [`Program::parsers`].
    ParserId,
    /// A table: a place in [`Program::tables`].
    TableId,
    /// An instance of an extern: a place in [`Program::externs`].
    ExternId,
}

/// A checked program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Header and struct types.
    pub composites: Vec<Composite>,
    /// Enumerations.
    pub enums: Vec<Enum>,
    /// The names of errors, by their value; `NoError` is the first.
    pub errors: Vec<Arc<str>>,
    /// Every variable of every instance.
    pub variables: Vec<Variable>,
    /// Every action of every instance.
    pub actions: Vec<Action>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Controls, one for each instance.
    pub controls: Vec<Control>,
    /// Parsers, one for each instance.
    pub parsers: Vec<Parser>,
    /// Every table of every instance.
    pub tables: Vec<Table>,
    /// Counters and registers.
    pub externs: Vec<Extern>,
    /// What is run for a packet.
    pub pipeline: Pipeline,
    /// Headers with `@controller_header("packet_in")` and `("packet_out")`.
    pub controller_headers: Vec<ControllerHeader>,
}

/// The six parts of v1model's `V1Switch`, and the variables that their parameters stand for.
///
/// Each part has parameters of its own (variables of its own), in the order of v1model; whoever
/// runs the pipeline copies headers, metadata and standard metadata from one part to the next.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// `(packet, out H, inout M, inout standard_metadata_t)`; the packet is no variable, so the
    /// parser's parameters here are H, M and standard metadata.
    pub parser: ParserId,
    /// `(inout H, inout M)`
    pub verify_checksum: ControlId,
    /// `(inout H, inout M, inout standard_metadata_t)`
    pub ingress: ControlId,
    /// `(inout H, inout M, inout standard_metadata_t)`
    pub egress: ControlId,
    /// `(inout H, inout M)`
    pub compute_checksum: ControlId,
    /// `(packet, in H)`: its one parameter here is H.
    pub deparser: ControlId,
    /// The type of H.
    pub headers: Type,
    /// The type of M.
    pub metadata: Type,
    /// The type `standard_metadata_t`.
    pub standard_metadata: CompositeId,
}

/// A type of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `bool`: 0 or 1.
    Bool,
    /// `bit<w>`, 1 to 128.
    Bit(u32),
    /// `int<w>`, 1 to 128; values are held as their two's complement of w bits, so that bits above
    /// w are zero.
    Int(u32),
    /// `varbit<w>`, w the greatest size in bits, a multiple of 8 or not. Only fields of headers,
    /// and variables that are copied from and to them.
    Varbit(u32),
    /// `error`: the place of its name in [`Program::errors`].
    Error,
    /// An enumeration. Without an underlying type: the place of the member. With one: the value,
    /// which need not be that of a member.
    Enum(EnumId),
    /// A header.
    Header(CompositeId),
    /// A struct.
    Struct(CompositeId),
    /// A stack of so many headers.
    Stack(CompositeId, u32),
    /// A tuple, or the list of expressions that an extern takes.
    Tuple(Arc<[Type]>),
    /// No value: what a call without result has.
    Void,
}

/// A header or a struct.
#[derive(Clone, Debug)]
pub struct Composite {
    /// The name of the type.
    pub name: Arc<str>,
    /// Whether it is a header: it has a validity bit and can be extracted and emitted.
    pub is_header: bool,
    /// The fields in their order. Of a header at most one is a varbit. A header's fields are
    /// `Bit`, `Int`, `Bool`, `Varbit`, an `Enum` with underlying type, or a `Struct` of such (no
    /// varbit in it).
    pub fields: Vec<Field>,
    /// Name and text of each annotation.
    pub annotations: Vec<Annotation>,
}

/// A field of a header or struct.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Field {
    pub name: Arc<str>,
    pub ty: Type,
    pub annotations: Vec<Annotation>,
}

/// An enumeration.
#[derive(Clone, Debug)]
pub struct Enum {
    /// The name.
    pub name: Arc<str>,
    /// The type of its values, `Bit` or `Int`, if it has one.
    pub underlying: Option<Type>,
    /// The members with their values; without underlying type these are 0, 1, 2 and so on.
    pub members: Vec<(Arc<str>, u128)>,
}

/// An annotation that P4Info shows, as in `@brief("...")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The name, without the at sign.
    pub name: Arc<str>,
    /// The text between the parentheses as it stands in the source; empty if there are none.
    pub body: Arc<str>,
}

/// A variable, a parameter or a local.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name as in the source, for traces.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
}

/// A parameter of an action, function, control or parser.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Which way its value goes. A directionless parameter that is called with arguments is `In`.
    pub direction: Direction,
    /// The variable that it is.
    pub variable: VariableId,
}

/// Which way the value of a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Copied in.
    In,
    /// Copied out. At the beginning its headers are invalid, and the rest is zero.
    Out,
    /// Copied in and out.
    InOut,
}

/// An action.
#[derive(Clone, Debug)]
pub struct Action {
    /// The control-plane name, as in `Ingress.nat_ingress.forward_ipv4_to`.
    pub name: Arc<str>,
    /// The parameters with a direction, which a call or the list of a table gives values.
    pub parameters: Vec<Parameter>,
    /// The parameters without direction, which the control plane gives values (or a call that
    /// names them after the others). Their types are `Bit`, `Int`, `Bool`, or an `Enum` with
    /// underlying type.
    pub control_parameters: Vec<ControlParameter>,
    /// What it does.
    pub body: Vec<Statement>,
    /// For P4Info.
    pub annotations: Vec<Annotation>,
    /// Where it is declared.
    pub span: Span,
}

/// A parameter of an action that the control plane gives its value.
#[derive(Clone, Debug)]
pub struct ControlParameter {
    /// The control-plane name.
    pub name: Arc<str>,
    /// The width of its values in bits.
    pub width: u32,
    /// The variable that it is.
    pub variable: VariableId,
    /// For P4Info.
    pub annotations: Vec<Annotation>,
}

/// A function of the program.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Function {
    pub name: Arc<str>,
    pub parameters: Vec<Parameter>,
    /// `Void` if it has none.
    pub result: Type,
    pub body: Vec<Statement>,
}

/// A control.
#[derive(Clone, Debug)]
pub struct Control {
    /// The control-plane name of the instance.
    pub name: Arc<str>,
    /// The parameters, without packets.
    pub parameters: Vec<Parameter>,
    /// What is done when it is applied, the initial values of its variables first.
    pub body: Vec<Statement>,
}

/// A parser.
#[derive(Clone, Debug)]
pub struct Parser {
    /// The name of the instance.
    pub name: Arc<str>,
    /// The parameters, without packets.
    pub parameters: Vec<Parameter>,
    /// The initial values of its variables.
    pub initial: Vec<Statement>,
    /// The states.
    pub states: Vec<State>,
    /// The state `start`, by its place.
    pub start: usize,
}

/// A state of a parser.
#[derive(Clone, Debug)]
pub struct State {
    /// The name.
    pub name: Arc<str>,
    /// What is done there.
    pub statements: Vec<Statement>,
    /// Where it goes from there.
    pub transition: Transition,
}

/// Where a parser goes from a state.
#[derive(Clone, Debug)]
pub enum Transition {
    /// Always there.
    Direct(Target),
    /// To the first case whose sets hold the keys; to reject with `error.NoMatch` if none does.
    Select {
        /// What is looked at: scalars.
        keys: Vec<Expression>,
        /// The cases in their order, with a set for each key.
        cases: Vec<(Vec<ValueSet>, Target)>,
    },
}

/// A state, or the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The parser has accepted.
    Accept,
    /// The parser has rejected.
    Reject,
    /// A state, by its place.
    State(usize),
}

/// A set of values, in a select expression or in the entries of a table. Values are of the width
/// of the key; those of a signed key are held as for [`Type::Int`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueSet {
    /// Any.
    Any,
    /// This one.
    Value(u128),
    /// Those that agree with the value where the mask has ones.
    Mask {
        /// The value; zero where the mask is.
        value: u128,
        /// The mask.
        mask: u128,
    },
    /// From `low` to `high`, both included; compared as signed numbers if the key is signed.
    Range {
        /// The least.
        low: u128,
        /// The greatest.
        high: u128,
    },
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The control-plane name, as in `Ingress.nat_ingress.ingress_ipv4`.
    pub name: Arc<str>,
    /// The key.
    pub keys: Vec<TableKey>,
    /// The actions that it can have.
    pub actions: Vec<TableAction>,
    /// The default action: its place in [`Table::actions`] and its control-plane arguments.
    pub default_action: (usize, Vec<u128>),
    /// Whether the control plane cannot change the default action.
    pub has_const_default: bool,
    /// How many rows it has; 1024 where the program does not say.
    pub size: u64,
    /// The entries in the program, in their order.
    pub entries: Vec<Entry>,
    /// Whether those are all that there can be.
    pub has_const_entries: bool,
    /// The direct counter, if it has one.
    pub direct_counter: Option<ExternId>,
    /// For P4Info.
    pub annotations: Vec<Annotation>,
    /// Where it is declared.
    pub span: Span,
}

/// An element of a table's key.
#[derive(Clone, Debug)]
pub struct TableKey {
    /// The control-plane name: that of `@name`, else the text of the expression.
    pub name: Arc<str>,
    /// The value of the packet: a scalar.
    pub expression: Expression,
    /// The width of the value in bits.
    pub width: u32,
    /// How it is compared.
    pub match_kind: MatchKind,
    /// For P4Info.
    pub annotations: Vec<Annotation>,
}

/// How a packet's value is compared with an entry's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchKind {
    /// It is the entry's.
    Exact,
    /// It begins with the entry's prefix; the longest wins.
    Lpm,
    /// It agrees with the entry's where the mask has ones.
    Ternary,
    /// It lies between the entry's bounds.
    Range,
    /// It is the entry's, or the entry has none.
    Optional,
}

/// The name as in a program.
impl fmt::Display for MatchKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            MatchKind::Exact => "exact",
            MatchKind::Lpm => "lpm",
            MatchKind::Ternary => "ternary",
            MatchKind::Range => "range",
            MatchKind::Optional => "optional",
        })
    }
}

/// An action of a table.
#[derive(Clone, Debug)]
pub struct TableAction {
    /// The action.
    pub action: ActionId,
    /// The arguments of its parameters with a direction.
    pub arguments: Vec<Argument>,
    /// Whether it can only be the default (`@defaultonly`).
    pub default_only: bool,
    /// Whether it cannot be the default (`@tableonly`).
    pub table_only: bool,
    /// For P4Info.
    pub annotations: Vec<Annotation>,
}

/// An entry of a table in the program.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which values it is for, by key element. An lpm element is a `Mask` of leading ones.
    pub keys: Vec<ValueSet>,
    /// The larger wins. Where none is given, entries that come first have larger ones.
    pub priority: u32,
    /// The action's place in [`Table::actions`].
    pub action: usize,
    /// The values of its parameters.
    pub arguments: Vec<u128>,
    /// Whether the control plane cannot change it.
    pub is_const: bool,
}

/// An instance of an extern.
#[derive(Clone, Debug)]
pub struct Extern {
    /// The control-plane name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: ExternKind,
    /// For P4Info.
    pub annotations: Vec<Annotation>,
}

/// What an extern is.
#[derive(Clone, Debug)]
pub enum ExternKind {
    /// An array of counters.
    Counter {
        /// How many.
        size: u64,
        /// What they count.
        counts: CounterType,
    },
    /// A counter for each row of a table.
    DirectCounter {
        /// What they count.
        counts: CounterType,
        /// The table, if one has it.
        table: Option<TableId>,
    },
    /// An array of values of this scalar type.
    Register {
        /// How many.
        size: u64,
        /// The type of the values.
        element: Type,
    },
}

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CounterType {
    Packets,
    Bytes,
    PacketsAndBytes,
}

/// A header that a controller sends or gets packets with.
#[derive(Clone, Debug)]
pub struct ControllerHeader {
    /// `packet_in` or `packet_out`.
    pub name: Arc<str>,
    /// The header.
    pub header: CompositeId,
}

/// What an assignment goes to, or a value is read from.
#[derive(Clone, Debug)]
pub enum Place {
    /// A variable.
    Variable(VariableId),
    /// A field, by its place, of a header, struct or tuple.
    Field(Box<Place>, u32),
    /// An element of a stack, by an unsigned number of any width. Reading beyond the end gives an
    /// invalid header with zeros, writing there changes nothing (specification 8.18: undefined).
    Element(Box<Place>, Box<Expression>),
    /// `stack.next`, in parsers: beyond the end the parser rejects with `error.StackOutOfBounds`.
    Next(Box<Place>),
    /// `stack.last`, in parsers: of an empty stack the parser rejects with
    /// `error.StackOutOfBounds`.
    Last(Box<Place>),
    /// Bits `high` to `low` of a `Bit` or `Int` place.
    Slice(Box<Place>, u32, u32),
}

/// An expression with its type.
#[derive(Clone, Debug)]
pub struct Expression {
    /// The type of its value.
    pub ty: Type,
    /// What it says.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression says. Operands are evaluated from left to right; `And`, `Or` and
/// `Conditional` evaluate only what they need.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// A scalar, held as its [`Type`] says.
    Constant(u128),
    /// What stands at a place.
    Read(Place),
    /// An operator before its operand.
    Unary(UnaryOperator, Box<Expression>),
    /// An operator between its operands. The type of the operands says whether it is signed.
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    /// Bits `high` to `low` of a `Bit` or `Int` value.
    Slice(Box<Expression>, u32, u32),
    /// To the type of this expression: between `Bit(1)` and `Bool`; between `Bit` and `Int` of one
    /// width; to another width of the same signedness (cut, or extended by zero or sign); between
    /// an enumeration and its underlying type. Anything else the checker makes two casts of.
    Cast(Box<Expression>),
    /// `a ? b : c`; b and c may be of any one type.
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    /// A struct, a tuple or a valid header of these fields, or a stack of these headers.
    Aggregate(Vec<Expression>),
    /// A field, by its place, of a struct, header or tuple that stands nowhere, as in
    /// `packet.lookahead<h>().f` or `f(x).y`. Of a place it is a [`ExpressionKind::Read`].
    Field(Box<Expression>, u32),
    /// An invalid header.
    InvalidHeader,
    /// `header.isValid()`
    IsValid(Place),
    /// `stack.lastIndex`, `Bit(32)`.
    LastIndex(Place),
    /// The result of a function.
    Call(Box<Call>),
    /// `table.apply().hit` or `.miss`
    ApplyTable {
        /// The table.
        table: TableId,
        /// Which of the two: whether the value is true on a hit.
        hit: bool,
    },
    /// `packet.lookahead<T>()` of the type of this expression.
    Lookahead,
    /// `packet.length()`, `Bit(32)`: the bytes of the packet.
    PacketLength,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `!` of a `Bool`.
    Not,
    /// `~`
    Complement,
    /// `-`
    Negate,
}

/// An operator between its operands. The operands have one type, except those of shifts and of
/// `Concatenate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `+`, modulo 2^w.
    Add,
    /// `-`, modulo 2^w.
    Subtract,
    /// `*`, modulo 2^w.
    Multiply,
    /// `|+|`
    SaturatingAdd,
    /// `|-|`
    SaturatingSubtract,
    /// `<<`; the right operand is unsigned, of any width. Shifting by w or more gives 0.
    ShiftLeft,
    /// `>>`, arithmetic if the left operand is signed.
    ShiftRight,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `++`; the type is that of the left operand, of both widths together.
    Concatenate,
    /// `==`, of two values of any one type: two headers are equal if both are invalid or both are
    /// valid with equal fields.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Where it stands.
    pub span: Span,
}

/// What a statement does.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// The place gets the value, which is evaluated whole before anything changes. An index in the
    /// place is evaluated first.
    Assign(Place, Expression),
    /// The variable is as if new: zero, its headers invalid.
    Clear(VariableId),
    /// Something is called.
    Call(Call),
    /// One or the other.
    If {
        /// The condition.
        condition: Expression,
        /// If it holds.
        then: Vec<Statement>,
        /// If not.
        otherwise: Vec<Statement>,
    },
    /// A switch by the value of an expression.
    Switch {
        /// What is looked at: a scalar.
        subject: Expression,
        /// The values of each case with what is done. What falls through has been joined.
        cases: Vec<(Vec<u128>, Vec<Statement>)>,
        /// What is done for other values.
        otherwise: Vec<Statement>,
    },
    /// A switch by the action that a table runs.
    SwitchAction {
        /// The table, which is applied.
        table: TableId,
        /// The actions of each case, by their places in [`Table::actions`], with what is done.
        cases: Vec<(Vec<usize>, Vec<Statement>)>,
        /// What is done for other actions.
        otherwise: Vec<Statement>,
    },
    /// `table.apply();`
    ApplyTable(TableId),
    /// The end of the pipeline's part: of ingress or egress. Out parameters are copied out.
    Exit,
    /// The end of an action, a function or a control, with its value.
    Return(Option<Expression>),
    /// One of the things that v1model and core.p4 can do.
    Extern(ExternCall),
}

/// A call of something that the program says.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub callee: Callee,
    /// The arguments of all parameters in their order; of an action also those of its
    /// control-plane parameters, as `In`, behind the others.
    ///
    /// The places of `Out` and `InOut` arguments are determined first (their indices are evaluated
    /// once), from left to right with the values of `In` and `InOut` arguments; results are copied
    /// out from left to right when the callee ends.
    pub arguments: Vec<Argument>,
}

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Callee {
    Action(ActionId),
    Function(FunctionId),
    Control(ControlId),
    Parser(ParserId),
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A value.
    In(Expression),
    /// A place that gets the result; none if it is `_`.
    Out(Option<Place>),
    /// A place whose value goes in and comes out.
    InOut(Place),
}

/// What externs do.
#[derive(Clone, Debug)]
pub enum ExternCall {
    /// `packet.extract(header)`; the place is a header. None is `extract<T>(_)`, of this type.
    Extract(ExtractTo),
    /// `packet.extract(header, size)`; the size of the varbit field is in bits, `Bit(32)`.
    ExtractVariable(Place, Expression),
    /// `packet.advance(bits)`, `Bit(32)`.
    Advance(Expression),
    /// `packet.emit(value)`: a header if it is valid, and those of a stack, struct or tuple.
    Emit(Expression),
    /// `header.setValid()`
    SetValid(Place),
    /// `header.setInvalid()`
    SetInvalid(Place),
    /// `stack.push_front(count)`
    PushFront(Place, u32),
    /// `stack.pop_front(count)`
    PopFront(Place, u32),
    /// `verify(condition, error)`, in parsers.
    Verify(Expression, Expression),
    /// `counter.count(index)`; an index beyond the end counts nothing.
    Count(ExternId, Expression),
    /// `direct_counter.count()`. The counter counts every hit of its table by itself; this is here
    /// so that the checker can allow it, and changes nothing.
    CountDirect(ExternId),
    /// `register.read(result, index)`; an index beyond the end gives zero.
    ReadRegister(ExternId, Place, Expression),
    /// `register.write(index, value)`; an index beyond the end writes nothing.
    WriteRegister(ExternId, Expression, Expression),
    /// `hash(result, algorithm, base, data, max)`: base + hash of data modulo max; base if max is
    /// zero.
    Hash {
        /// What gets it: a `Bit` place.
        result: Place,
        /// The algorithm.
        algorithm: HashAlgorithm,
        /// The least value.
        base: Expression,
        /// What is hashed: a tuple, struct, header or scalar.
        data: Expression,
        /// How many values there are.
        max: Expression,
    },
    /// `verify_checksum` and `verify_checksum_with_payload`
    VerifyChecksum(Checksum),
    /// `update_checksum` and `update_checksum_with_payload`
    UpdateChecksum(Checksum),
    /// `mark_to_drop(standard_metadata)`
    MarkToDrop(Place),
    /// `log_msg(text, {values})`: values go where the text has `{}`.
    LogMessage(Arc<str>, Vec<Expression>),
    /// `assert(condition)`: a packet for which it does not hold is dropped and counted.
    Assert(Expression),
    /// `assume(condition)`: the same as an assertion.
    Assume(Expression),
}

/// What is extracted to.
#[derive(Clone, Debug)]
pub enum ExtractTo {
    /// A header.
    Place(Place),
    /// Nothing: a header of this type is skipped.
    Nothing(CompositeId),
}

/// A checksum over data.
#[derive(Clone, Debug)]
pub struct Checksum {
    /// Whether it is to be done.
    pub condition: Expression,
    /// What it is over: a tuple.
    pub data: Expression,
    /// Where it stands: a `Bit` place; to verify, an expression that reads it.
    pub checksum: Place,
    /// How it is computed.
    pub algorithm: HashAlgorithm,
    /// Whether what the parser left of the packet is a part of the data.
    pub with_payload: bool,
}

/// The algorithms of v1model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// CRC-32, as of Ethernet.
    Crc32,
    /// CRC-32 with a polynomial of the user's, which is refused: BMv2 takes it from its command
    /// line.
    Crc32Custom,
    /// CRC-16/ARC.
    Crc16,
    /// As `Crc32Custom`.
    Crc16Custom,
    /// Always zero... or chance in hardware: refused by the checker.
    Random,
    /// The data itself, its low bits.
    Identity,
    /// The Internet checksum, RFC 1071.
    Csum16,
    /// The exclusive or of 16-bit words.
    Xor16,
}
