//! The syntax tree: what a program says, before anything in it is looked up.
//!
//! It follows the grammar of the P4_16 language specification 1.2.5, appendix H. What the language
//! has and this crate does not support is in the tree as far as it takes to refuse it by name.

use std::fmt;
use std::sync::Arc;

use crate::source::Span;

/// A name as it stands in the source.
#[derive(Clone, Debug)]
pub struct Name {
    /// The identifier.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// A name that may begin with a dot, which makes it one of the outermost scope.
#[derive(Clone, Debug)]
pub struct Path {
    /// Whether it begins with a dot.
    pub is_absolute: bool,
    /// The name.
    pub name: Name,
}

/// A whole program: the declarations of all its files in their order.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// The declarations.
    pub declarations: Vec<Declaration>,
}

/// A declaration with its annotations.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// What was annotated.
    pub annotations: Vec<Annotation>,
    /// The whole declaration.
    pub span: Span,
    /// What is declared.
    pub kind: DeclarationKind,
}

/// What can be declared, outermost or within a parser or a control.
#[derive(Clone, Debug)]
pub enum DeclarationKind {
    /// `const bit<8> X = 1;`
    Constant(Constant),
    /// `bit<8> x = 1;`, within a parser, a control, an action or a function.
    Variable(Variable),
    /// `counter(512, CounterType.packets) c;`
    Instance(Instance),
    /// `header h { ... }`
    Header(Fields),
    /// `header_union h { ... }`
    HeaderUnion(Fields),
    /// `struct s { ... }`
    Struct(Fields),
    /// `enum E { ... }` or `enum bit<8> E { ... }`
    Enum(Enum),
    /// `error { ... }`
    Error(Vec<Name>),
    /// `match_kind { ... }`
    MatchKind(Vec<Name>),
    /// `typedef bit<8> t;`
    Typedef(Alias),
    /// `type bit<8> t;`
    NewType(Alias),
    /// `extern packet_in { ... }`
    Extern(Extern),
    /// `extern void f(in bit<8> x);`
    ExternFunction(Prototype),
    /// `parser P(packet_in p);`
    ParserType(Prototype),
    /// `control C(inout h x);`
    ControlType(Prototype),
    /// `package V1Switch<H, M>(...);`
    PackageType(Prototype),
    /// `parser P(packet_in p)(bit<8> x) { ... }`
    Parser(Parser),
    /// `control C(inout h x)(bit<8> y) { ... }`
    Control(Control),
    /// `action a(bit<8> x) { ... }`
    Action(Action),
    /// `table t { ... }`
    Table(Table),
    /// `bit<8> f(in bit<8> x) { ... }`
    Function(Function),
    /// `value_set<bit<8>>(4) s;`
    ValueSet(ValueSet),
}

/// A compile-time constant.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Constant {
    pub ty: Type,
    pub name: Name,
    pub value: Expression,
}

/// A variable.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Variable {
    pub ty: Type,
    pub name: Name,
    pub initial: Option<Expression>,
}

/// An instance of an extern, a parser, a control or a package.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Instance {
    pub ty: Type,
    pub arguments: Vec<Argument>,
    pub name: Name,
    /// Whether a block of abstract methods follows, which no extern of ours has.
    pub has_initializer: bool,
}

/// A header, header union or struct.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Fields {
    pub name: Name,
    pub type_parameters: Vec<Name>,
    pub fields: Vec<Field>,
}

/// A field of one.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Field {
    pub annotations: Vec<Annotation>,
    pub ty: Type,
    pub name: Name,
}

/// An enumeration.
#[derive(Clone, Debug)]
pub struct Enum {
    /// The name.
    pub name: Name,
    /// The type of its values, if it is a serializable one.
    pub underlying: Option<Type>,
    /// The members, with their values in a serializable one.
    pub members: Vec<(Name, Option<Expression>)>,
}

/// A typedef or a new type.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Alias {
    pub ty: Type,
    pub name: Name,
}

/// An extern object.
#[derive(Clone, Debug)]
pub struct Extern {
    /// The name.
    pub name: Name,
    /// Its type parameters.
    pub type_parameters: Vec<Name>,
    /// Its constructors, which have its own name and no result type, and its methods.
    pub methods: Vec<Prototype>,
}

/// The head of a function, a method, or a type of parsers, controls or packages.
#[derive(Clone, Debug)]
pub struct Prototype {
    /// The annotations.
    pub annotations: Vec<Annotation>,
    /// Whether it is an abstract method.
    pub is_abstract: bool,
    /// The type of the result; none for a constructor and for types of parsers, controls and
    /// packages.
    pub result: Option<Type>,
    /// The name.
    pub name: Name,
    /// The type parameters.
    pub type_parameters: Vec<Name>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
}

/// A parameter.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Parameter {
    pub annotations: Vec<Annotation>,
    pub direction: Direction,
    pub ty: Type,
    pub name: Name,
    pub default: Option<Expression>,
}

/// Which way the value of a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Direction {
    None,
    In,
    Out,
    InOut,
}

/// A parser.
#[derive(Clone, Debug)]
pub struct Parser {
    /// Its name, type parameters and parameters.
    pub head: Prototype,
    /// Its constructor's parameters.
    pub constructor: Vec<Parameter>,
    /// Its constants, variables, instances and value sets.
    pub locals: Vec<Declaration>,
    /// Its states.
    pub states: Vec<State>,
}

/// A state of a parser.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct State {
    pub annotations: Vec<Annotation>,
    pub name: Name,
    pub statements: Vec<Statement>,
    /// The implicit transition, if there is none, is to `reject`.
    pub transition: Option<Transition>,
    pub span: Span,
}

/// Where a parser goes from a state.
#[derive(Clone, Debug)]
pub enum Transition {
    /// `transition x;`
    Direct(Name),
    /// `transition select(...) { ... }`
    Select {
        /// What is looked at.
        keys: Vec<Expression>,
        /// The cases in their order.
        cases: Vec<SelectCase>,
        /// The whole expression.
        span: Span,
    },
}

/// A case of a select expression.
#[derive(Clone, Debug)]
pub struct SelectCase {
    /// The sets that the keys are to be in, one for each key, or a single one for all.
    pub sets: Vec<Expression>,
    /// The state to go to.
    pub state: Name,
    /// The whole case.
    pub span: Span,
}

/// A control.
#[derive(Clone, Debug)]
pub struct Control {
    /// Its name, type parameters and parameters.
    pub head: Prototype,
    /// Its constructor's parameters.
    pub constructor: Vec<Parameter>,
    /// Its constants, variables, instances, actions and tables.
    pub locals: Vec<Declaration>,
    /// What `apply` does.
    pub body: Block,
}

/// An action.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Action {
    pub name: Name,
    pub parameters: Vec<Parameter>,
    pub body: Block,
}

/// A function of the program.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Function {
    pub head: Prototype,
    pub body: Block,
}

/// A parser value set, which is refused.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ValueSet {
    pub ty: Type,
    pub size: Expression,
    pub name: Name,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The name.
    pub name: Name,
    /// The properties in their order.
    pub properties: Vec<Property>,
}

/// A property of a table.
#[derive(Clone, Debug)]
pub struct Property {
    /// The annotations.
    pub annotations: Vec<Annotation>,
    /// Whether it cannot be changed by the control plane.
    pub is_const: bool,
    /// The name, as in `key`, `actions`, `size`.
    pub name: Name,
    /// What it says.
    pub value: PropertyValue,
    /// The whole property.
    pub span: Span,
}

/// What a property of a table says.
#[derive(Clone, Debug)]
pub enum PropertyValue {
    /// `key = { ... }`
    Key(Vec<KeyElement>),
    /// `actions = { ... }`
    Actions(Vec<ActionReference>),
    /// `entries = { ... }`
    Entries(Vec<Entry>),
    /// Any other, as in `size = 1024`.
    Expression(Expression),
}

/// An element of a table's key.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct KeyElement {
    pub expression: Expression,
    pub match_kind: Name,
    pub annotations: Vec<Annotation>,
}

/// An action in the list of a table, with the arguments that are bound there.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ActionReference {
    pub annotations: Vec<Annotation>,
    pub path: Path,
    pub arguments: Vec<Argument>,
    pub span: Span,
}

/// An entry of a table that stands in the program.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Entry {
    pub annotations: Vec<Annotation>,
    pub is_const: bool,
    pub priority: Option<Expression>,
    pub keys: Vec<Expression>,
    pub action: ActionReference,
    pub span: Span,
}

/// An annotation, as in `@name("x")`.
#[derive(Clone, Debug)]
pub struct Annotation {
    /// The name, without the at sign.
    pub name: Name,
    /// What stands in parentheses or brackets.
    pub body: AnnotationBody,
    /// The whole annotation.
    pub span: Span,
}

/// What an annotation says.
#[derive(Clone, Debug)]
pub enum AnnotationBody {
    /// Nothing.
    Empty,
    /// `@a(1, "x")`: expressions; an unstructured annotation whose tokens are no list of
    /// expressions has [`AnnotationBody::Tokens`].
    Expressions(Vec<Expression>),
    /// `@a[k = 1]`
    KeyValues(Vec<(Name, Expression)>),
    /// The source text of anything else.
    Tokens(Arc<str>),
}

/// Statements in braces.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Block {
    pub annotations: Vec<Annotation>,
    pub statements: Vec<Statement>,
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The whole statement.
    pub span: Span,
    /// What it does.
    pub kind: StatementKind,
}

/// What a statement does.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// `;`
    Empty,
    /// `a = b;`
    Assign {
        /// What is assigned to.
        place: Expression,
        /// What it gets.
        value: Expression,
    },
    /// `f(x);` or `t.apply();`: always an [`ExpressionKind::Call`].
    Call(Expression),
    /// `if (a) b else c`
    If {
        /// The condition.
        condition: Expression,
        /// If it holds.
        then: Box<Statement>,
        /// If not.
        otherwise: Option<Box<Statement>>,
    },
    /// `switch (t.apply().action_run) { ... }`
    Switch {
        /// What is looked at.
        subject: Expression,
        /// The cases in their order.
        cases: Vec<SwitchCase>,
    },
    /// `{ ... }`
    Block(Block),
    /// `exit;`
    Exit,
    /// `return;` or `return x;`
    Return(Option<Expression>),
    /// A constant, a variable or an instance within a block.
    Declaration(Box<Declaration>),
    /// A statement of the language that is not supported, as in `for`; the words for it.
    Unsupported(&'static str),
}

/// A case of a switch statement.
#[derive(Clone, Debug)]
pub struct SwitchCase {
    /// The label; none is `default`.
    pub label: Option<Expression>,
    /// What is done; without one, what the next case does.
    pub body: Option<Block>,
    /// The whole case.
    pub span: Span,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The parameter it is for, if it is given by name.
    pub name: Option<Name>,
    /// The value; none is `_`.
    pub value: Option<Expression>,
    /// The whole argument.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expression {
    /// The whole expression.
    pub span: Span,
    /// What it says.
    pub kind: ExpressionKind,
}

/// What an expression says.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// `true` or `false`
    Bool(bool),
    /// A number, with its width if it has one.
    Integer(IntegerLiteral),
    /// `"text"`, possibly several joined.
    String(Arc<str>),
    /// A name.
    Path(Path),
    /// `this`
    This,
    /// `a.b`; a type before the dot, as in `E.x`, is a path too.
    Member(Box<Expression>, Name),
    /// A type before the dot that is no path, as in `error.NoError`.
    TypeMember(Box<Type>, Name),
    /// `a[1]`
    Index(Box<Expression>, Box<Expression>),
    /// `a[7:0]`
    Slice(Box<Expression>, Box<Expression>, Box<Expression>),
    /// `f<T>(x)`
    Call {
        /// What is called.
        function: Box<Expression>,
        /// The type arguments.
        type_arguments: Vec<Type>,
        /// The arguments.
        arguments: Vec<Argument>,
    },
    /// `t<T>(x)` of a type that is no path: a constructor call. One of a path is a `Call`.
    Construct {
        /// The type.
        ty: Box<Type>,
        /// The arguments.
        arguments: Vec<Argument>,
    },
    /// `-a`
    Unary(UnaryOperator, Box<Expression>),
    /// `a + b`
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    /// `(bit<8>) a`
    Cast(Box<Type>, Box<Expression>),
    /// `a ? b : c`
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    /// `{ a, b }`; `rest` if it ends with `...`
    List {
        /// The elements.
        elements: Vec<Expression>,
        /// Whether default values follow.
        rest: bool,
    },
    /// `{ a = 1, b = 2 }`
    Record {
        /// The fields.
        fields: Vec<(Name, Expression)>,
        /// Whether the others get default values.
        rest: bool,
    },
    /// `{#}`
    Invalid,
    /// `_` or `default` in a set
    DontCare,
    /// `a &&& b` in a set
    Mask(Box<Expression>, Box<Expression>),
    /// `a .. b` in a set
    Range(Box<Expression>, Box<Expression>),
    /// `(a, b)` in a set: one for each key
    Tuple(Vec<Expression>),
    /// `...`
    Dots,
}

/// A number as it stands in the source.
#[derive(Clone, Debug)]
pub struct IntegerLiteral {
    /// Its absolute value. Numbers of more than 128 bits are refused by the lexer.
    pub value: u128,
    /// Its width in bits and whether it is signed (`8s1`), if given.
    pub width: Option<(u32, bool)>,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum UnaryOperator {
    Not,
    Complement,
    Minus,
    Plus,
}

/// An operator between its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BinaryOperator {
    Multiply,
    Divide,
    Modulo,
    Add,
    Subtract,
    SaturatingAdd,
    SaturatingSubtract,
    ShiftLeft,
    ShiftRight,
    LessEqual,
    GreaterEqual,
    Less,
    Greater,
    NotEqual,
    Equal,
    BitAnd,
    BitXor,
    BitOr,
    Concatenate,
    And,
    Or,
}

/// A type.
#[derive(Clone, Debug)]
pub struct Type {
    /// The whole type.
    pub span: Span,
    /// What it says.
    pub kind: TypeKind,
}

/// What a type says.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `bool`
    Bool,
    /// `error`
    Error,
    /// `match_kind`
    MatchKind,
    /// `string`
    String,
    /// `int`, of any size
    Int,
    /// `void`
    Void,
    /// `_`, in type arguments
    DontCare,
    /// `bit<8>`; `bit` alone is `bit<1>`
    Bits(Width),
    /// `int<8>`
    SignedBits(Width),
    /// `varbit<8>`
    Varbit(Width),
    /// A name
    Name(Path),
    /// `h<T>`
    Specialized(Path, Vec<Type>),
    /// `h[4]`
    Stack(Box<Type>, Box<Expression>),
    /// `tuple<bit<8>, bool>`
    Tuple(Vec<Type>),
    /// `list<T>`, which is refused
    List(Box<Type>),
}

/// The width of a type.
#[derive(Clone, Debug)]
pub enum Width {
    /// A number
    Literal(u128),
    /// `(expression)`
    Expression(Box<Expression>),
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Path { is_absolute, name } = self;
        write!(formatter, "{}{name}", if *is_absolute { "." } else { "" })
    }
}
