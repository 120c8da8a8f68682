#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rstest::rstest;

use crate::ir::{self, ValueSet};
use crate::{InvalidProgram, NAT_P4, ParsedProgram};

/// How long the checker may take over a program that tries to keep it busy, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn check(text: &str) -> Result<ir::Program, InvalidProgram> {
    ParsedProgram::from_source("test.p4", text).and_then(ParsedProgram::check)
}

fn checked(text: &str) -> ir::Program {
    check(text).unwrap_or_else(|problem| panic!("{problem}"))
}

/// A whole program with these declarations, and these in its ingress control.
fn framed(outer: &str, locals: &str, body: &str) -> String {
    format!(
        "#include <core.p4>
#include <v1model.p4>
header h_t {{ bit<8> a; bit<8> b; bit<16> c; int<8> i; }}
header v_t {{ bit<8> size; varbit<64> data; }}
struct headers {{ h_t h; v_t v; h_t[3] s; }}
struct metadata {{ bit<8> m; }}
{outer}
parser MyParser(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {{
    state start {{ p.extract(h.h); transition accept; }}
}}
control MyVerify(inout headers h, inout metadata m) {{ apply {{ }} }}
control MyIngress(inout headers h, inout metadata m, inout standard_metadata_t s) {{
{locals}
    apply {{ {body} }}
}}
control MyEgress(inout headers h, inout metadata m, inout standard_metadata_t s) {{ apply {{ }} }}
control MyUpdate(inout headers h, inout metadata m) {{ apply {{ }} }}
control MyDeparser(packet_out p, in headers h) {{ apply {{ p.emit(h); }} }}
V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparser()) main;
"
    )
}

fn message(text: &str) -> String {
    match check(text) {
        Ok(_) => panic!("the program was taken:\n{text}"),
        Err(problem) => problem.to_string(),
    }
}

#[rstest]
#[case("Ingress.nat_ingress.ingress_ipv4", "dst_addr exact 32, l4_dst_port range 16")]
#[case("Ingress.nat_ingress.ingress_ipv6", "dst_addr exact 128, l4_dst_port range 16")]
#[case("Ingress.ports.role", "port exact 9")]
#[case("Ingress.nat_egress.underlay", "dst_addr exact 128")]
#[case("Ingress.router.route_ipv4", "dst_addr lpm 32")]
#[case("Ingress.router.route_ipv6", "dst_addr lpm 128")]
#[case("Ingress.router.neighbor_ipv4", "next_hop exact 32")]
#[case("Ingress.router.neighbor_ipv6", "next_hop exact 128")]
#[case("Ingress.ports.interface", "port exact 9")]
fn tables_of_the_forwarding_program_have_their_names_and_keys(
    #[case] name: &str,
    #[case] keys: &str,
) {
    let program = checked(NAT_P4);
    let table = program.tables.iter().find(|table| &*table.name == name).expect("the table");
    let shown: Vec<String> = table
        .keys
        .iter()
        .map(|key| format!("{} {:?} {}", key.name, key.match_kind, key.width).to_lowercase())
        .collect();
    assert_eq!(shown.join(", "), keys);
}

#[rstest]
#[case("8w200 + 100", 44)]
#[case("8w200 |+| 100", 255)]
#[case("8w3 |-| 4", 0)]
#[case("-1", 255)]
#[case("(1 << 200) >> 197", 8)]
#[case("(0 - 7 / 2) * -2", 6)]
#[case("17 % 5", 2)]
#[case("(bit<8>)(8s100 |+| 100)", 127)]
#[case("(bit<8>)((int<8>)-3 >> 1)", 254)]
#[case("8w1 << 8", 0)]
#[case("8w0x81 >> 300", 0)]
#[case("16w0x1234[15:8]", 0x12)]
#[case("0x1234[15:8]", 0x12)]
#[case("4w3 ++ 4w5", 0x35)]
#[case("(bit<8>)(bit<16>)4s0xf", 0xff)]
#[case("false ? 8w1 : 8w2", 2)]
#[case("3 == 3 ? 8w1 : 8w2", 1)]
#[case("~8w0x0f", 0xf0)]
#[case("(bit<8>)h.h.minSizeInBytes()", 5)]
#[case("(bit<8>)h.v.maxSizeInBits()", 72)]
#[case("(bit<8>)h.s.size", 3)]
#[case("E.two", 7)]
#[case("E.two + 1", 8)]
#[case("X.b[2:1] ++ 6w0", 0b1100_0000)]
#[case("T[1]", 9)]
fn constant_expressions_are_evaluated_once(#[case] expression: &str, #[case] value: u128) {
    let outer = "enum bit<8> E { one = 1, two = 7 } \
                 struct x_t { bit<8> a; bit<8> b; } const x_t X = { b = 0x1e, a = 2 }; \
                 const tuple<bool, bit<8>> T = { true, 9 };";
    let expression = expression.replace("(bit<16>)4s0xf", "(bit<16>)(int<16>)4s0xf");
    let program = checked(&framed(outer, "", &format!("h.h.a = {expression};")));
    let ingress = &program.controls[program.pipeline.ingress.index()];
    match ingress.body.as_slice() {
        [ir::Statement { kind: ir::StatementKind::Assign(_, assigned), .. }] => {
            assert!(
                matches!(assigned.kind, ir::ExpressionKind::Constant(found) if found == value),
                "{assigned:?}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn control_plane_names_follow_the_instances() {
    let outer = r#"
        action top() {}
        control Inner(inout bit<8> v)(bit<8> by) {
            action add() { v = v + by; }
            @name("other") action sub() { v = v - by; }
            table t { actions = { add; sub; top; @defaultonly NoAction; } }
            @name(".absolute") counter(4, CounterType.bytes) c;
            apply { t.apply(); c.count(0); }
        }
        control Plain(inout bit<8> v) {
            table t { actions = { NoAction; } }
            apply { t.apply(); }
        }"#;
    let locals = r#"Inner(3) first; @name("renamed") Plain() second;"#;
    let body = "first.apply(h.h.a); second.apply(h.h.b); Plain.apply(h.h.a);";
    let program = checked(&framed(outer, locals, body));
    let tables: Vec<&str> = program.tables.iter().map(|table| &*table.name).collect();
    assert_eq!(tables, ["MyIngress.first.t", "MyIngress.renamed.t", "MyIngress.Plain.t"]);
    let actions: Vec<&str> = program.actions.iter().map(|action| &*action.name).collect();
    assert_eq!(actions, ["NoAction", "top", "MyIngress.first.add", "MyIngress.first.other"]);
    assert_eq!(&*program.externs[0].name, "absolute");
}

#[test]
fn one_name_for_two_tables_is_refused() {
    let outer = "control C(inout bit<8> v) {
        table t { actions = { NoAction; } }
        apply { t.apply(); }
    }";
    let found = message(&framed(outer, "", "C.apply(h.h.a); C.apply(h.h.b);"));
    let expected = "two tables have the control-plane name `MyIngress.C.t`; \
                    give one another name with `@name`";
    assert!(found.contains(expected), "{found}");
}

/// The one table of a program with this key and these properties.
fn table(key: &str, properties: &str) -> ir::Table {
    let locals = format!(
        "action set(bit<8> v) {{ h.h.b = v; }}
         table t {{ key = {{ {key} }} actions = {{ set; }} {properties} }}"
    );
    let program = checked(&framed("", &locals, "t.apply();"));
    program.tables.into_iter().next().expect("a table")
}

#[rstest]
#[case("const entries = { 1: set(1); 2: set(2); _: set(3); }", &[3, 2, 1])]
#[case("entries = { 1: set(1); 2: set(2); 3: set(3); }", &[3, 2, 1])]
#[case("priority_delta = 10; entries = { 1: set(1); 2: set(2); }", &[11, 1])]
#[case("priority_delta = 10; entries = { priority = 25: 1: set(1); 2: set(2); }", &[25, 15])]
#[case("largest_priority_wins = false; entries = { 1: set(1); 2: set(2); 3: set(3); }", &[3, 2, 1])]
#[case(
    "largest_priority_wins = false; priority_delta = 10; \
     entries = { const priority = 10: 1: set(1); 2: set(2); priority = 20: 3: set(3); }",
    &[11, 1, 1]
)]
fn entries_have_the_priorities_of_the_specification(
    #[case] properties: &str,
    #[case] priorities: &[u32],
) {
    let table = table("h.h.a : ternary;", properties);
    let found: Vec<u32> = table.entries.iter().map(|entry| entry.priority).collect();
    assert_eq!(found, priorities);
}

#[rstest]
#[case("exact", "5", ValueSet::Value(5))]
#[case("lpm", "0x50 &&& 0xf0", ValueSet::Mask { value: 0x50, mask: 0xf0 })]
#[case("lpm", "0x5f &&& 0xf0", ValueSet::Mask { value: 0x50, mask: 0xf0 })]
#[case("lpm", "5", ValueSet::Mask { value: 5, mask: 0xff })]
#[case("lpm", "_", ValueSet::Mask { value: 0, mask: 0 })]
#[case("ternary", "5 &&& 3", ValueSet::Mask { value: 1, mask: 3 })]
#[case("range", "5 .. 9", ValueSet::Range { low: 5, high: 9 })]
#[case("optional", "_", ValueSet::Any)]
#[case("optional", "256 + 4", ValueSet::Value(4))]
fn keys_of_entries_have_the_form_of_their_match_kind(
    #[case] match_kind: &str,
    #[case] set: &str,
    #[case] expected: ValueSet,
) {
    let key = format!("h.h.a : {match_kind};");
    let table = table(&key, &format!("const entries = {{ {set} : set(1); }}"));
    assert_eq!(table.entries[0].keys, [expected]);
    assert!(table.has_const_entries && table.entries[0].is_const);
}

#[test]
fn a_table_without_default_action_does_nothing() {
    let table = table("h.h.a : exact;", "");
    assert_eq!((table.default_action.0, table.size), (1, 1024));
    assert!(table.actions[1].default_only && !table.has_const_default);
}

#[test]
fn functions_are_told_apart_by_their_arguments() {
    let outer = "bit<8> f(in bit<8> x) { return x; }
                 bit<8> f(in bit<8> x, in bit<8> y) { return x + y; }
                 bit<8> f(in bit<8> z, in bit<8> y) { return z - y; }";
    let body = "h.h.a = f(1); h.h.a = f(z = 1, y = 2); h.h.a = f(y = 1, x = 2);";
    let program = checked(&framed(outer, "", body));
    let ingress = &program.controls[program.pipeline.ingress.index()];
    let called: Vec<ir::Callee> = ingress
        .body
        .iter()
        .filter_map(|statement| match &statement.kind {
            ir::StatementKind::Assign(_, value) => match &value.kind {
                ir::ExpressionKind::Call(call) => Some(call.callee),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let expected = [0, 2, 1].map(|id| ir::Callee::Function(ir::FunctionId(id)));
    assert_eq!(called, expected);
    let found = message(&framed(outer, "", "h.h.a = f(1, 2);"));
    assert!(found.contains("several declarations of `f` take these arguments"), "{found}");
}

#[test]
fn arguments_in_another_order_call_nothing() {
    let outer = "struct x_t { bit<8> a; bit<8> b; }
                 bit<8> f(in bit<8> x, in bit<8> y = 2) { return x - y; }
                 bit<8> g(inout bit<8> n) { n = n + 1; return n; }";
    checked(&framed(outer, "", "h.h.a = f(x = g(h.h.b), y = g(h.h.b));"));
    checked(&framed(outer, "", "h.h.a = f(y = h.h.b, x = h.h.a); h.h.a = f(g(h.h.b));"));
    for body in ["h.h.a = f(y = g(h.h.b), x = h.h.b);", "x_t x = { b = g(h.h.b), a = h.h.b };"] {
        let found = message(&framed(outer, "", body));
        assert!(found.contains("written in another order"), "{found}");
    }
}

#[test]
fn what_is_never_instantiated_is_checked_and_left_out() {
    let outer = "control C(inout bit<8> v)(bit<8> by, register<bit<8>> r) {
        action a() { v = by; r.write(0, v); }
        table t { actions = { a; } }
        apply { t.apply(); }
    }";
    let program = checked(&framed(outer, "", ""));
    assert!(program.tables.is_empty() && program.externs.is_empty());
    assert_eq!(program.actions.len(), 1);
    let found = message(&framed(&outer.replace("v = by", "v = bee"), "", ""));
    assert!(found.contains("`bee` is not declared"), "{found}");
}

/// Controls of which each has instances of the one before it.
fn nested_controls(levels: usize, instances: usize) -> String {
    let mut outer = String::from("control C0(inout bit<8> v) { apply { } }\n");
    for level in 1..=levels {
        write!(outer, "control C{level}(inout bit<8> v) {{ ").unwrap();
        for instance in 0..instances {
            write!(outer, "C{}() c{instance}; ", level - 1).unwrap();
        }
        outer.push_str("apply { } }\n");
    }
    let locals = format!("C{levels}() c;");
    framed(&outer, &locals, "")
}

/// Structs of which each has the one before it twice.
fn doubled_structs(levels: usize) -> String {
    let mut outer = String::from("struct s0 { bit<8> a; }\n");
    for level in 1..=levels {
        let inner = level - 1;
        writeln!(outer, "struct s{level} {{ s{inner} a; s{inner} b; }}").unwrap();
    }
    framed(&outer, "", &format!("s{levels} x;"))
}

fn doubled_tuples(levels: usize) -> String {
    let mut outer = String::from("typedef tuple<> t0;\n");
    for level in 1..=levels {
        let inner = level - 1;
        writeln!(outer, "typedef tuple<t{inner}, t{inner}> t{level};").unwrap();
    }
    framed(&outer, "", "")
}

fn overloads(count: usize) -> String {
    let mut outer = String::new();
    for index in 0..count {
        writeln!(outer, "void f(in bit<8> a{index}) {{ }}").unwrap();
    }
    framed(&outer, "", "")
}

#[rstest]
#[case::instances_within_instances(nested_controls(200, 1), "nested too deep")]
#[case::many_instances(nested_controls(20, 2), "the program is too large")]
#[case::large_structs(doubled_structs(25), "would hold more than")]
#[case::deep_structs(doubled_structs(40), "would hold more than")]
#[case::tuples(doubled_tuples(40), "would hold more than")]
#[case::many_overloads(overloads(2000), "functions of one name")]
#[case::variables(
    framed("", "", &"{ h_t[60000] x; } ".repeat(20)),
    "hold more than 1000000 values"
)]
#[case::counters(
    framed("", "counter(0xffffffff, CounterType.bytes) c;", ""),
    "have more than 16777216 cells"
)]
#[case::numbers(framed("const int A = 1 << 100000;", "", ""), "too large to compute with")]
#[case::sums(
    framed("", "", &format!("h.h.a = {} 1;", "1 + ".repeat(100_000))),
    "nested"
)]
#[case::conditions(
    framed("", "", &format!("{} {{ }}", "if (h.h.a == 1) { } else ".repeat(5000))),
    "nested"
)]
#[case::casts(
    framed("", "", &format!("h.h.a = {}1;", "(bit<8>)".repeat(1000))),
    "nested"
)]
#[case::parentheses(
    framed("", "", &format!("h.h.a = {}1{};", "(".repeat(50_000), ")".repeat(50_000))),
    "nested"
)]
fn programs_that_are_too_large_are_refused_in_time(#[case] text: String, #[case] expected: &str) {
    let start = Instant::now();
    let found = message(&text);
    assert!(found.contains(expected), "{found}");
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
}

#[test]
fn at_most_twenty_problems_are_reported() {
    let body = "h.h.a = wrong; ".repeat(3) + &"h.h.a = h.h.b + 16w1; ".repeat(50);
    let problem = check(&framed("", "", &body)).unwrap_err();
    assert_eq!(problem.diagnostics.len(), 20);
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for letter in text.chars() {
        let joins = |last: char| {
            (letter.is_alphanumeric() || letter == '_') && (last.is_alphanumeric() || last == '_')
        };
        match tokens.last_mut() {
            Some(token) if token.chars().last().is_some_and(joins) => token.push(letter),
            _ => tokens.push(String::from(letter)),
        }
    }
    tokens
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Programs with tokens swapped, lost and doubled are taken or refused, nothing else.
    #[test]
    fn programs_with_mistakes_are_refused_or_taken(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3), 1..6),
    ) {
        let mut tokens = tokens(NAT_P4);
        for (here, there, change) in changes {
            let (here, there) = (here.index(tokens.len()), there.index(tokens.len()));
            match change {
                0 => tokens.swap(here, there),
                1 => tokens[here] = tokens[there].clone(),
                _ => {
                    tokens.remove(here);
                }
            }
        }
        if let Err(problem) = check(&tokens.concat()) {
            prop_assert!(!problem.to_string().is_empty());
        }
    }
}
