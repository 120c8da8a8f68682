//! What is wrong with what a program says.

use thiserror::Error;

use super::similar::Similar;

/// Why a program is not taken although it is P4_16. Types are as P4 writes them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckProblem {
    /// The language or v1model has it, this crate does not.
    #[error("{what} is not supported")]
    Unsupported {
        /// What it is called.
        what: String,
    },
    /// Nothing of that name is declared.
    #[error("`{name}` is not declared{similar}")]
    UnknownName {
        /// The name.
        name: String,
        /// A name that may have been meant.
        similar: Similar,
    },
    /// The declaration comes later.
    #[error("`{name}` is used before its declaration")]
    UsedBeforeDeclaration {
        /// The name.
        name: String,
    },
    /// A name has two meanings in one scope.
    #[error("`{name}` is declared twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// Two things of one kind have the same control-plane name.
    #[error("two {what}s have the control-plane name `{name}`; give one another name with `@name`")]
    DuplicateControlName {
        /// What they are.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// `@name` does not hold one text.
    #[error("`@name` takes one text, as in `@name(\"x\")`")]
    BadNameAnnotation,
    /// Something needs itself to be made.
    #[error("`{cycle}` is recursion, which P4 does not have")]
    Recursion {
        /// From where it begins to where it comes back to.
        cycle: String,
    },
    /// A name stands for something of another kind.
    #[error("`{name}` is {is}; {wanted} is expected here")]
    NotA {
        /// The name.
        name: String,
        /// What should stand here.
        wanted: &'static str,
        /// What it is.
        is: &'static str,
    },
    /// Something stands where the language does not allow it.
    #[error("{what} is only allowed {wanted}")]
    Misplaced {
        /// What it is.
        what: &'static str,
        /// Where it could stand.
        wanted: &'static str,
    },
    /// The program is nested too deep.
    #[error("this is nested too deep; {limit} levels are allowed")]
    TooDeep {
        /// How deep it may be.
        limit: usize,
    },
    /// The program is too large with all its instances.
    #[error("the program is too large: with all instances it has more than {limit} parts")]
    TooLarge {
        /// How many parts it may have.
        limit: u64,
    },
    /// The variables hold too much.
    #[error("the variables of the program hold more than {limit} values")]
    TooManySlots {
        /// How many values they may hold.
        limit: u64,
    },
    /// Counters and registers are too large.
    #[error("the counters and registers have more than {limit} cells together")]
    TooManyCells {
        /// How many cells they may have.
        limit: u64,
    },
    /// A type holds others too deep.
    #[error("this type holds others more than {limit} levels deep")]
    TypeTooDeep {
        /// How deep it may be.
        limit: u64,
    },
    /// A type holds too much.
    #[error("values of this type would hold more than {limit} values")]
    TypeTooLarge {
        /// How many values it may hold.
        limit: u64,
    },
    /// A width is zero or less.
    #[error("the width of `{name}` must be at least 1")]
    ZeroWidth {
        /// `bit`, `int` or `varbit`.
        name: &'static str,
    },
    /// A width is larger than this crate has.
    #[error("`{name}<{width}>` is not supported: `{name}` is at most {greatest} bits wide")]
    TooWide {
        /// `bit`, `int` or `varbit`.
        name: &'static str,
        /// The width.
        width: String,
        /// The greatest width.
        greatest: u32,
    },
    /// A stack of something else than headers.
    #[error("a stack holds headers, not `{ty}`")]
    StackOf {
        /// The type of the elements.
        ty: String,
    },
    /// A type has no values when packets are processed.
    #[error(
        "`{ty}` has no values when packets are processed; a type such as `bit<8>` is needed here"
    )]
    NoValues {
        /// The type.
        ty: String,
    },
    /// Type arguments where none are taken.
    #[error("`{name}` takes no type arguments")]
    NotGeneric {
        /// What they are given to.
        name: String,
    },
    /// The number of type arguments is wrong.
    #[error("the number of type arguments of `{name}` is {wanted}, not {given}")]
    TypeArguments {
        /// What they are given to.
        name: String,
        /// How many it takes.
        wanted: usize,
        /// How many were given.
        given: usize,
    },
    /// `type` of something that cannot be one.
    #[error("`type` takes `bit`, `int`, `bool`, `error` or an enumeration, not `{ty}`")]
    NewTypeOf {
        /// The type.
        ty: String,
    },
    /// A header has two varbits.
    #[error("a header has at most one varbit")]
    SecondVarbit,
    /// A header cannot have a field of that type.
    #[error(
        "a header cannot have a field of type `{ty}`; its fields are bit, int, bool, varbit, \
         enumerations with a type, and structs of these without varbit"
    )]
    HeaderField {
        /// The type.
        ty: String,
    },
    /// The underlying type of an enumeration is wrong.
    #[error("the values of an enumeration are `bit` or `int` with a width, not `{ty}`")]
    EnumOf {
        /// The type.
        ty: String,
    },
    /// A member of a serializable enumeration has no value.
    #[error("`{name}` needs a value, as all members of an enumeration with a type do")]
    MemberValue {
        /// The member.
        name: String,
    },
    /// A member of another enumeration has a value.
    #[error("only an enumeration with a type, as in `enum bit<8> E`, gives its members values")]
    MemberWithoutType,
    /// An enumeration without members.
    #[error("an enumeration has at least one member")]
    EmptyEnum,
    /// An enumeration or `error` does not have that member.
    #[error("`{ty}` has no member `{member}`{similar}")]
    NoMember {
        /// The enumeration.
        ty: String,
        /// The name.
        member: String,
        /// A name that may have been meant.
        similar: Similar,
    },
    /// A value does not have that field.
    #[error("`{ty}` has no field `{field}`{similar}")]
    NoField {
        /// The type.
        ty: String,
        /// The name.
        field: String,
        /// A name that may have been meant.
        similar: Similar,
    },
    /// An initializer leaves out a field.
    #[error("`{field}` of `{ty}` is not given; `...` at the end gives the rest default values")]
    MissingField {
        /// The type.
        ty: String,
        /// The name.
        field: String,
    },
    /// A list has another number of elements.
    #[error("`{ty}` has {wanted} fields, not {given}")]
    ListLength {
        /// The type.
        ty: String,
        /// How many it has.
        wanted: usize,
        /// How many are given.
        given: usize,
    },
    /// A value does not have that method.
    #[error("`{what}` has no method `{method}`")]
    NoMethod {
        /// What it is.
        what: String,
        /// The name.
        method: String,
    },
    /// Brackets after something that has no elements.
    #[error("`{ty}` has no elements; only header stacks and tuples have")]
    NotIndexed {
        /// The type.
        ty: String,
    },
    /// A value is of another type.
    #[error("expected `{expected}`, found `{found}`")]
    Mismatch {
        /// The type that is needed.
        expected: String,
        /// The type that it is.
        found: String,
    },
    /// An operator or the like does not take such a value.
    #[error("`{operator}` takes {wanted}, not `{found}`")]
    Operand {
        /// The operator.
        operator: &'static str,
        /// What it takes.
        wanted: &'static str,
        /// The type that it is.
        found: String,
    },
    /// Something is of a type that it cannot be of.
    #[error("{what} is {wanted}, not `{found}`")]
    Unfit {
        /// What it is.
        what: &'static str,
        /// What it should be.
        wanted: &'static str,
        /// The type that it is.
        found: String,
    },
    /// An operator does not take these two together.
    #[error("the operands of `{operator}` must be of one type, not `{left}` and `{right}`")]
    Operands {
        /// The operator.
        operator: &'static str,
        /// The type of the left one.
        left: String,
        /// The type of the right one.
        right: String,
    },
    /// There is no such cast.
    #[error("`{from}` cannot be cast to `{to}`")]
    BadCast {
        /// The type of the value.
        from: String,
        /// The type of the cast.
        to: String,
    },
    /// A number needs a width here.
    #[error("this number needs a width here, as in `8w1`")]
    UnknownWidth,
    /// A list needs a type here.
    #[error("the type of `{what}` cannot be told here; a cast says it")]
    UnknownType {
        /// The list.
        what: String,
    },
    /// A type argument is needed.
    #[error(
        "the type cannot be told here; give it as a type argument, as in `lookahead<bit<8>>()`"
    )]
    UnknownTypeArgument,
    /// A number at compile time grew too large.
    #[error("this number is too large to compute with")]
    NumberTooLarge,
    /// A shift by a negative number.
    #[error("a shift by a negative number")]
    NegativeShift,
    /// Division of what is not positive.
    #[error("`/` and `%` take a number that is not negative and one that is positive")]
    BadDivision,
    /// Something is not known at compile time.
    #[error("{what} must be known when the program is compiled")]
    NotConstant {
        /// What it is.
        what: &'static str,
    },
    /// A number is too small or too large.
    #[error("{what} is from {low} to {high}, not {value}")]
    OutOfRange {
        /// What it is.
        what: &'static str,
        /// The number.
        value: String,
        /// The least.
        low: u64,
        /// The greatest.
        high: u64,
    },
    /// The bounds of a slice are in the wrong order.
    #[error("a slice is written with the higher bit first: `[{low}:{high}]`")]
    SliceOrder {
        /// The first bound.
        high: u64,
        /// The second bound.
        low: u64,
    },
    /// A set stands where a value should.
    #[error("a set of values is only allowed in `select` and in the entries of a table")]
    SetHere,
    /// Something cannot be assigned to.
    #[error("{what} cannot be assigned to")]
    NotAssignable {
        /// What it is.
        what: &'static str,
    },
    /// Something cannot be changed.
    #[error("{what} cannot be changed")]
    ReadOnly {
        /// What it is.
        what: &'static str,
    },
    /// Something cannot be called.
    #[error("this cannot be called")]
    NotCallable,
    /// A call has no result.
    #[error("this call has no result, so that it is no expression")]
    NoResult,
    /// A constructor is called among expressions.
    #[error("an instance is made by a declaration, not in an expression")]
    ConstructorHere,
    /// A table or instance is called itself.
    #[error("`{name}` is not called itself; write `{name}.apply(...)`")]
    WithoutApply {
        /// The name.
        name: String,
    },
    /// No parameter has that name.
    #[error("`{callee}` has no parameter `{name}`")]
    NoParameter {
        /// What is called.
        callee: String,
        /// The name.
        name: String,
    },
    /// Some arguments have names and some have not.
    #[error("give all arguments by name, or none")]
    MixedArguments,
    /// A parameter has two arguments, a field two values, or the like.
    #[error("`{name}` is given twice")]
    GivenTwice {
        /// What has two.
        name: String,
    },
    /// The number of arguments is wrong.
    #[error("the number of arguments of `{callee}` is {wanted}, not {given}")]
    ArgumentCount {
        /// What is called.
        callee: String,
        /// How many it takes.
        wanted: usize,
        /// How many are given.
        given: usize,
    },
    /// An argument is missing.
    #[error("`{callee}` needs an argument for `{name}`")]
    MissingArgument {
        /// What is called.
        callee: String,
        /// The parameter.
        name: String,
    },
    /// `_` where a value is needed.
    #[error("`_` is only for `out` parameters; `{name}` needs a value")]
    NothingForValue {
        /// The parameter.
        name: String,
    },
    /// No declaration of a name takes these arguments.
    #[error("no declaration of `{name}` takes these arguments")]
    NoOverload {
        /// The name.
        name: String,
    },
    /// Several declarations of a name take these arguments.
    #[error("several declarations of `{name}` take these arguments")]
    Ambiguous {
        /// The name.
        name: String,
    },
    /// A default value of an `out` or `inout` parameter.
    #[error("only an `in` parameter or one without direction can have a default value")]
    DefaultOfOut,
    /// A parameter with a direction after one without.
    #[error("the parameters of an action that the control plane gives values come last")]
    DirectionAfterNone,
    /// A parameter of a function has no direction.
    #[error("a parameter of a function needs a direction, as in `in {ty} {name}`")]
    DirectionOfFunction {
        /// The type.
        ty: String,
        /// The parameter.
        name: String,
    },
    /// A priority among const entries.
    #[error("`const entries` have no priorities: the first one that matches wins")]
    PriorityOfConst,
    /// The control plane cannot give such a value.
    #[error("the control plane cannot give a parameter of type `{ty}` its value")]
    ControlParameter {
        /// The type.
        ty: String,
    },
    /// A function may end without a result.
    #[error("`{name}` does not return a value on every way")]
    NoReturn {
        /// The function.
        name: String,
    },
    /// A value is returned where there is no result.
    #[error("there is no result to return here")]
    ReturnValue,
    /// No value is returned where there is a result.
    #[error("`return` needs a value of type `{ty}` here")]
    ReturnWithout {
        /// The type.
        ty: String,
    },
    /// A case after the default one.
    #[error("`default` is the last case")]
    AfterDefault,
    /// Two cases have one label.
    #[error("there is a case for this already")]
    SecondCase,
    /// Something else stands where an action should.
    #[error("an action is expected here")]
    ActionLabel,
    /// A table does not list that action.
    #[error("`{name}` is not among the actions of {table}")]
    NotAnActionOf {
        /// The action.
        name: String,
        /// The table.
        table: String,
    },
    /// A table has no list of actions.
    #[error("a table needs the property `actions`")]
    NoActions,
    /// A table property that there is not.
    #[error("there is no table property `{name}` in v1model")]
    UnknownProperty {
        /// The property.
        name: String,
    },
    /// An action is both `@defaultonly` and `@tableonly`.
    #[error("an action that is `@defaultonly` and `@tableonly` can never run")]
    NeitherDefaultNorTable,
    /// An entry has an action that is only a default one.
    #[error("`{name}` is `@defaultonly`, so that no entry can have it")]
    DefaultOnly {
        /// The action.
        name: String,
    },
    /// The default action is one for entries only.
    #[error("`{name}` is `@tableonly`, so that it cannot be the default action")]
    TableOnly {
        /// The action.
        name: String,
    },
    /// The arguments differ from those in the list of actions.
    #[error("the arguments must begin as in the list of actions")]
    OtherBoundArguments,
    /// The property `counters` names something else.
    #[error("`counters` takes the name of a `direct_counter`")]
    NotADirectCounter,
    /// A direct counter has two tables.
    #[error("this `direct_counter` belongs to another table already")]
    CounterOfTwoTables,
    /// A key has no name of its own.
    #[error("this key needs a name for the control plane, as in `@name(\"x\")`")]
    KeyWithoutName,
    /// A key has two prefixes.
    #[error("a table has at most one lpm key")]
    SecondLpm,
    /// Entries of a table without a key.
    #[error("a table without a key has no entries")]
    EntriesWithoutKey,
    /// A priority where the key needs none.
    #[error("entries have priorities only where a key is ternary, range or optional")]
    NeedlessPriority,
    /// The first entry has no priority although others have.
    #[error("the first entry needs a priority where others have one")]
    FirstWithoutPriority,
    /// A set does not fit a match kind.
    #[error("the key `{key}` is matched as {kind}, which cannot be {found}")]
    SetOfMatchKind {
        /// The match kind.
        kind: &'static str,
        /// The key.
        key: String,
        /// What was given.
        found: &'static str,
    },
    /// Two entries are for the same values.
    #[error("there is an entry for these values already")]
    SecondEntry,
    /// A case or entry has another number of sets than keys.
    #[error("{what} has a value for each key: {wanted}, not {given}")]
    SetCount {
        /// What it is.
        what: &'static str,
        /// How many keys there are.
        wanted: usize,
        /// How many sets are given.
        given: usize,
    },
    /// A range ends before it begins.
    #[error("this range is empty: it ends before it begins")]
    EmptyRange,
    /// A select looks at nothing.
    #[error("`select` needs something to look at")]
    EmptySelect,
    /// A parser has no state `start`.
    #[error("the parser `{name}` has no state `start`")]
    NoStart {
        /// The parser.
        name: String,
    },
    /// A state is called `accept` or `reject`.
    #[error("`{name}` is a state of every parser and cannot be declared")]
    FinalState {
        /// The state.
        name: String,
    },
    /// A transition to a state that there is not.
    #[error("there is no state `{name}`")]
    UnknownState {
        /// The state.
        name: String,
    },
    /// A header with a varbit is extracted without a size.
    #[error("`{ty}` has a varbit, so that `extract` needs its size in bits")]
    ExtractVarbit {
        /// The header.
        ty: String,
    },
    /// A header without a varbit is extracted with a size.
    #[error("`{ty}` has no varbit, or nothing to extract it to, so that `extract` takes no size")]
    ExtractWithoutVarbit {
        /// The header.
        ty: String,
    },
    /// A message has another number of values than places for them.
    #[error("the text has {wanted} places for values, not {given}")]
    LogValues {
        /// How many `{{}}` the text has.
        wanted: usize,
        /// How many values are given.
        given: usize,
    },
    /// A `static_assert` does not hold.
    #[error("the static assertion does not hold: {message}")]
    StaticAssertion {
        /// The message.
        message: String,
    },
    /// A register of something that is no scalar.
    #[error("a register holds `bit`, `int`, `bool` or an enumeration with a type, not `{ty}`")]
    RegisterOf {
        /// The type.
        ty: String,
    },
    /// A type without instances.
    #[error("this type has no instances")]
    NoConstructor,
    /// A package that is not called main.
    #[error("the package of a program is called `main`")]
    PackageName,
    /// The program has no `main`.
    #[error("there is no package `main`, as in `V1Switch(...) main;`")]
    NoMain,
    /// The package is not that of v1model.
    #[error("`main` must be a `V1Switch` of v1model")]
    NotV1Switch,
    /// A part of the pipeline is something else.
    #[error("this part of `V1Switch` is {wanted}")]
    WrongPart {
        /// What it should be.
        wanted: &'static str,
    },
}
