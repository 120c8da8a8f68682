//! The trickier places of the grammar.

use rstest::rstest;

use super::{dump, faults, tree};
use crate::syntax::ast::DeclarationKind;

/// Types for the cases to use.
const TYPES: &str = "header H {} struct S {} enum E { a } typedef bit<8> T; extern X<A> {}\n";

fn declaration(text: &str) -> String {
    let unit = tree(&format!("{TYPES}{text}"));
    dump::declaration(unit.declarations.last().unwrap())
}

fn expression(text: &str) -> String {
    let unit = tree(&format!("{TYPES} const int c = {text};"));
    match &unit.declarations.last().unwrap().kind {
        DeclarationKind::Constant(constant) => dump::expression(&constant.value),
        other => panic!("{other:?}"),
    }
}

#[rstest]
// Precedence and grouping.
#[case("a + b * c - d", "(- (+ a (* b c)) d)")]
#[case("a | b ^ c & d", "(| a (^ b (& c d)))")]
#[case("a & b == c", "(== (& a b) c)")]
#[case("a == b < c", "(== a (< b c))")]
#[case("a || b && !c", "(|| a (&& b (! c)))")]
#[case("a << 1 + b", "(<< a (+ 1 b))")]
#[case("a ++ b ++ c[3:0]", "(++ (++ a b) ([:] c 3 0))")]
#[case("a |+| b |-| c", "(|-| (|+| a b) c)")]
#[case("a - -b - ~c", "(- (- a (- b)) (~ c))")]
#[case("-a.b[1]", "(- ([] (. a b) 1))")]
#[case("a ? b : c == d", "(? a b (== c d))")]
#[case("a ? b ? c : d : e", "(? a (? b c d) e)")]
#[case("(a ? b : c) ? d : e", "(? (? a b c) d e)")]
// Shifts, comparisons and type arguments.
#[case("a >> b", "(>> a b)")]
#[case("a > > b", "")]
#[case("a < b", "(< a b)")]
#[case("a < b > (c)", "(> (< a b) c)")]
#[case("a < T > (c)", "(call a <T> c)")]
#[case("a<bit<8>>(c)", "(call a <bit:8> c)")]
#[case("a<X<X<T>>>(c)", "(call a <<X <X T>>> c)")]
#[case("a.b<_, void>()", "(call (. a b) <_ void>)")]
#[case("a < E.a", "(< a (. E a))")]
#[case("a < (T) b", "(< a (cast T b))")]
#[case("a < error.x", "(< a (type. error x))")]
#[case("a >= b", "(>= a b)")]
// Casts and parentheses.
#[case("(T) a", "(cast T a)")]
#[case("(T) - a", "(cast T (- a))")]
#[case("(a) - b", "(- a b)")]
#[case("(T) a + b", "(+ (cast T a) b)")]
#[case("(T) (a)", "(cast T a)")]
#[case("(T) (bit<8>) a.b", "(cast T (cast bit:8 (. a b)))")]
#[case("(bit<(1 + 2)>) a", "(cast bit:(+ 1 2) a)")]
#[case("(S) { 1, 2 }", "(cast S {1 2})")]
#[case("(X<T>) a", "(cast <X T> a)")]
#[case("(H[2]) { a, b }", "(cast (stack H 2) {a b})")]
#[case("(X<T>(a))", "(call X <T> a)")]
#[case("(E.a)", "(. E a)")]
#[case("(.T) a", "(cast .T a)")]
#[case("(.E.a)", "(. .E a)")]
#[case("(error.x == a)", "(== (type. error x) a)")]
#[case("(error) a", "(cast error a)")]
#[case("(tuple<T, bool>) a", "(cast (tuple T bool) a)")]
#[case("(Unknown) a", "(cast Unknown a)")]
// Literals.
#[case("8w0xFF", "8w255")]
#[case("4s7", "4s7")]
#[case("0b1010", "10")]
#[case("1_000", "1000")]
#[case("8w0d12", "8w12")]
#[case(r#""a \"b\" \\ \n""#, r#""a \"b\" \\ \n""#)]
#[case(r#""\x""#, r#""\\x""#)]
// Braces.
#[case("{}", "{}")]
#[case("{ a, { b, c }, }", "{a {b c}}")]
#[case("{ a, ... }", "{a ...}")]
#[case("{ ... }", "{ ...}")]
#[case("{ a = 1, b = 2 }", "{a=1 b=2}")]
#[case("{ a = 1, ... }", "{a=1 ...}")]
#[case("{#}", "{#}")]
#[case("...", "...")]
// Calls.
#[case("f(a, b = 1, _, c = _)", "(call f a b=1 _ c=_)")]
#[case("t.apply().hit", "(. (call (. t apply)) hit)")]
#[case("h.key.type.state", "(. (. (. h key) type) state)")]
#[case("list", "list")]
#[case("X<T>(1)", "(call X <T> 1)")]
#[case("H()", "(call H)")]
#[case("a[1][7:0].b", "(. ([:] ([] a 1) 7 0) b)")]
fn expressions_group_as_the_grammar_says(#[case] text: &str, #[case] expected: &str) {
    if expected.is_empty() {
        assert!(!faults(&format!("const int c = {text};")).is_empty());
    } else {
        assert_eq!(expression(text), expected);
    }
}

#[rstest]
#[case("typedef bit<8> t;", "(typedef bit:8 t)")]
#[case("typedef bit t;", "(typedef bit:1 t)")]
#[case("type varbit<(2 * 4)> t;", "(type varbit:(* 2 4) t)")]
#[case("typedef tuple<> t;", "(typedef (tuple) t)")]
#[case("typedef list<bit<8>> t;", "(typedef (list bit:8) t)")]
#[case("typedef X<tuple<T, X<int<4>>>> t;", "(typedef <X (tuple T <X int:4>)> t)")]
#[case("typedef X<T>[3] t;", "(typedef (stack <X T> 3) t)")]
#[case("enum F { a, b, }", "(enum F a b)")]
#[case("enum bit<8> F { a = 1, b = 2 }", "(enum bit:8 F a=1 b=2)")]
#[case("enum T F { a = 1 }", "(enum T F a=1)")]
#[case("error { A, B }", "(error A B)")]
#[case("match_kind { m, }", "(match_kind m)")]
#[case("@a header G<U> { @b(1) U x; bit<8> key; }", "@a (header G <U> @b(1) (U x) (bit:8 key))")]
#[case("header_union U { H h; }", "(header_union U (H h))")]
#[case("extern void f<U>(in U x, out bool y);", "(extern void f<U>(in x:U out y:bool))")]
#[case("extern X<T> f();", "(extern <X T> f())")]
#[case("extern U f<U>(string s = \"x\");", "(extern U f<U>(s:string=\"x\"))")]
#[case(
    "extern Y<U> { Y(bit<32> size); @p U get<V>(in V v); abstract void h(); }",
    "(extern Y <U> Y(size:bit:32) @p U get<V>(in v:V) abstract void h())"
)]
#[case(
    "parser P<U>(packet_in p, @optional out U u);",
    "(parser-type P<U>(p:packet_in @optional out u:U))"
)]
#[case("control C();", "(control-type C())")]
#[case("package K<A, B>(P<A> p, C<B> c);", "(package-type K<A B>(p:<P A> c:<C B>))")]
#[case("K(P(), C(n = 1)) main;", "(instance K main (call P) (call C n=1))")]
#[case("X<bit<8>>(1) x;", "(instance <X bit:8> x 1)")]
#[case("X<T>() x = { void f() { } };", "(instance <X T> x {})")]
#[case("value_set<T>(4) s;", "(value_set T 4 s)")]
#[case("bit<8> f(in bit<8> x) { return x; }", "(function bit:8 f(in x:bit:8) [(return x)])")]
#[case("error f() { return error.A; }", "(function error f() [(return (type. error A))])")]
#[case("T f<T>(in T x) { return (T) - x; }", "(function T f<T>(in x:T) [(return (cast T (- x)))])")]
#[case("action a(inout T x, bit<9> p) { x = p; }", "(action a(inout x:T p:bit:9) [(= x p)])")]
fn declarations_say_what_they_declare(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(declaration(text), expected);
}

#[rstest]
#[case(
    "@a @b(1, \"x\") @c[k = 1, l = {2}] @d[1, 2,] const int c = 1;",
    "@a @b(1 \"x\") @c[k=1 l={2}] @d(1 2) (const int c 1)"
)]
#[case("@a() const int c = 1;", "@a() (const int c 1)")]
#[case("@a(x = y; [z] (w) if) const int c = 1;", "@a`x = y; [z] (w) if` (const int c 1)")]
#[case("@if(1) const int c = 1;", "@if(1) (const int c 1)")]
#[case("@pragma name some words (\nconst int c = 1;", "@name`some words (` (const int c 1)")]
#[case("@pragma name \"a\"\nconst int c = 1;", "@name(\"a\") (const int c 1)")]
#[case("@pragma a 1, b\nconst int c = 1;", "@a(1 b) (const int c 1)")]
#[case("@pragma a b -\nconst int c = 1;", "@a`b -` (const int c 1)")]
#[case("@pragma name\n@a const int c = 1;", "@name @a (const int c 1)")]
fn annotations_are_structured_or_not(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(declaration(text), expected);
}

#[rstest]
#[case(";", "(empty)")]
#[case("a.b[3:0] = c;", "(= ([:] (. a b) 3 0) c)")]
#[case("(a) = b;", "(= a b)")]
#[case("f(a);", "(call f a)")]
#[case("f<T>(a);", "(call f <T> a)")]
#[case("f<bit<8>>(a);", "(call f <bit:8> a)")]
#[case(".f();", "(call .f)")]
#[case("t.apply();", "(call (. t apply))")]
#[case("C.apply(a);", "(call (. C apply) a)")]
#[case("X<T>.apply(a);", "(call (type. <X T> apply) a)")]
#[case("if (a) b(); else if (c) d(); else { }", "(if a (call b) (if c (call d) []))")]
#[case("if (a) if (b) c(); else d();", "(if a (if b (call c) (call d)))")]
#[case(
    "switch (t.apply().action_run) { a: { } b: c: { exit; } default: { return; } }",
    "(switch (. (call (. t apply)) action_run) (a []) (b) (c [(exit)]) (default [(return)]))"
)]
#[case(
    "switch (x) { 1: { } E.a: { } (T) 2: { } }",
    "(switch x (1 []) ((. E a) []) ((cast T 2) []))"
)]
#[case("T x;", "(var T x)")]
#[case("bit<8> x = 1;", "(var bit:8 x 1)")]
#[case("const bit<8> x = 1;", "(const bit:8 x 1)")]
#[case("H[2] x;", "(var (stack H 2) x)")]
#[case("X<T>(1) x;", "(instance <X T> x 1)")]
#[case("Unknown x;", "(var Unknown x)")]
#[case("@a T x;", "@a (var T x)")]
#[case("@a { @b { } }", "@a [@b []]")]
#[case("bit<8> T; T = (T) - 1;", "(var bit:8 T) (= T (- T 1))")]
#[case("{ bit<8> T; } T x = (T) - 1;", "[(var bit:8 T)] (var T x (cast T (- 1)))")]
#[case("for (bit<8> i = 0; i < 8; i = i + 1) { f(); } g();", "(unsupported `for`) (call g)")]
#[case("break; continue;", "(unsupported `break`) (unsupported `continue`)")]
#[case("state = key; apply.type();", "(= state key) (call (. apply type))")]
fn statements_do_what_they_say(#[case] text: &str, #[case] expected: &str) {
    let action = declaration(&format!("action a() {{ {text} }}"));
    assert_eq!(action, format!("(action a() [{expected}])"));
}

#[rstest]
#[case("", "(state s)")]
#[case("transition accept;", "(state s -> accept)")]
#[case(
    "p.extract(h); bit<8> x = 1; if (x == 1) { f(); } transition t;",
    "(state s (call (. p extract) h) (var bit:8 x 1) (if (== x 1) [(call f)]) -> t)"
)]
#[case(
    "transition select(a) { 1: t; 2 &&& 3: u; 4 .. 5: v; (6): w; default: reject; }",
    "(state s (select (a) (1 -> t) ((&&& 2 3) -> u) ((.. 4 5) -> v) (6 -> w) (_ -> reject)))"
)]
#[case(
    "transition select(a, b) { (1, _): t; (default, 2 &&& 3): u; (4 .. 5, (6)): v; }",
    "(state s (select (a b) (1 _ -> t) (_ (&&& 2 3) -> u) ((.. 4 5) 6 -> v)))"
)]
#[case(
    "transition select(a) { (1) + 2: t; (T) 3 &&& (4): u; (a).b: v; (1 &&& 2): w; (E.a): x; }",
    "(state s (select (a) ((+ 1 2) -> t) ((&&& (cast T 3) 4) -> u) ((. a b) -> v) \
     ((&&& 1 2) -> w) ((. E a) -> x)))"
)]
#[case(
    "transition select(a, b) { ((T) 1, (2 + 3) * 4): t; (error.x, {1}): u; }",
    "(state s (select (a b) ((cast T 1) (* (+ 2 3) 4) -> t) ((type. error x) {1} -> u)))"
)]
#[case("transition select(a) {}", "(state s (select (a)))")]
fn states_go_where_they_say(#[case] text: &str, #[case] expected: &str) {
    let parser = declaration(&format!("parser P() {{ state s {{ {text} }} }}"));
    assert_eq!(parser, format!("(parser P() {expected})"));
}

#[rstest]
#[case(
    "key = { h.a: exact; h.b & 3: ternary @name(\"b\"); h.isValid(): exact @x; }",
    "(key ((. h a): exact) ((& (. h b) 3): ternary @name(\"b\")) ((call (. h isValid)): exact @x))"
)]
#[case("key = {}", "(key)")]
#[case(
    "actions = { a; @tableonly b(x, y = 1); .c; @defaultonly NoAction(); }",
    "(actions a @tableonly b(x y=1) .c @defaultonly NoAction)"
)]
#[case("size = 1024;", "(size 1024)")]
#[case("const default_action = a(1);", "(const default_action (call a 1))")]
#[case("counters = X<T>(E.a);", "(counters (call X <T> (. E a)))")]
#[case("@a const x = { b };", "@a (const x {b})")]
#[case(
    "const entries = { 1: a; (2, _): b(1) @x; (3 &&& 4, 5 .. 6): a(); default: b; }",
    "(const entries (1 -> a) @x (2 _ -> b(1)) ((&&& 3 4) (.. 5 6) -> a) (_ -> b))"
)]
#[case(
    "entries = { const priority = 10: (1, 2): a(1); priority = (1 + 2): 3: b; const 4: c; }",
    "(entries (const 10: 1 2 -> a(1)) ((+ 1 2): 3 -> b) (const 4 -> c))"
)]
#[case("entries = { priority: a; }", "(entries (priority -> a))")]
fn tables_have_properties(#[case] text: &str, #[case] expected: &str) {
    let control = declaration(&format!("control C() {{ table t {{ {text} }} apply {{}} }}"));
    assert_eq!(control, format!("(control C() (table t {expected}) [])"));
}

#[test]
fn parsers_and_controls_hold_what_they_declare() {
    let text = "parser P<H>(packet_in p, out H h)(bit<8> n) {
            const bit<8> a = 1; X<T>(1) x; T y = 2; value_set<T>(4) s; meter(1) m;
            @name(\"begin\") state start { transition accept; } state type {} }";
    assert_eq!(
        declaration(text),
        "(parser P<H>(p:packet_in out h:H) new(n:bit:8) (const bit:8 a 1) (instance <X T> x 1) \
         (var T y 2) (value_set T 4 s) (instance meter m 1) @name(\"begin\") \
         (state start -> accept) (state type))"
    );
    let text = "control C(inout H h)() { action a() {} @hidden table t {} X<T>() x; Unknown<T> u;
            @atomic apply { t.apply(); } }";
    assert_eq!(
        declaration(text),
        "(control C(inout h:H) (action a() []) @hidden (table t) (instance <X T> x) \
         (var <Unknown T> u) @atomic [(call (. t apply))])"
    );
}

#[test]
fn a_parameter_hides_a_type_of_its_name() {
    assert_eq!(
        declaration("control C(in bit<8> T) { bit<8> x = (T) - 1; apply { } }"),
        "(control C(in T:bit:8) (var bit:8 x (- T 1)) [])"
    );
    assert_eq!(
        declaration("control C(in bit<8> T) { apply { x = (.T) - 1; } }"),
        "(control C(in T:bit:8) [(= x (cast .T (- 1)))])"
    );
}
