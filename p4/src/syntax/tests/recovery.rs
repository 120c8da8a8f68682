//! What is said of texts that are no programs, and that one fault does not hide the next.

use rstest::rstest;

use super::faults;

#[rstest]
#[case("x = 1;", &["1:3: expected the name of a function or `(` of an instance, found `=`"])]
#[case("const int c = a[4 +: 8];", &["1:19: a slice as in `a[low +: width]` is not supported"])]
#[case("bit<8> x", &["1:9: expected `(`, found the end"])]
#[case("const bit<8> x = 1", &["1:19: expected `;`, found the end"])]
#[case("header h {\n  bit<8> a\n  bit<8> b;\n}", &["2:11: expected `;`, found the keyword `bit`"])]
#[case("header h { bit<n> a; }",
    &["1:16: expected a number or an expression in parentheses, found `n`"])]
#[case("header h { bit<8w1> a; }",
    &["1:16: expected a number without a width, found the number `8w1`"])]
#[case("header h { varbit a; }", &["1:19: expected `<`, found `a`"])]
#[case("header if { }", &["1:8: expected a name, found the keyword `if`"])]
#[case("control C() { }", &["1:13: expected `apply` in this control, found `}`"])]
#[case("control C() { apply { } bit<8> x; }", &["1:25: expected `}` behind `apply`, found the keyword `bit`"])]
#[case("parser P() { state s { transition a; f(); } }",
    &["1:38: expected `}` behind the transition, found `f`"])]
#[case("parser P() { state s { transition; } }",
    &["1:34: expected a state or `select`, found `;`"])]
#[case("parser P() { state s { } bit<8> x; }",
    &["1:26: expected `state` or `}`, found the keyword `bit`"])]
#[case("action a() { x + 1; }", &["1:16: expected `=` or `(`, found `+`"])]
#[case("action a() { p.extract<none>(x); }", &["1:24: expected a type, found `none`"])]
#[case("action a() { x += 1; }", &["1:16: an assignment as in `a += b` is not supported"])]
#[case("action a() { x >>= 1; }", &["1:16: an assignment as in `a += b` is not supported"])]
#[case("action a() { 1 = x; }", &["1:14: expected a statement, found the number `1`"])]
#[case("action a() { x = a ? b : c ? d : e; }",
    &["1:28: `a ? b : c ? d : e` without parentheses is not supported"])]
#[case("action a() { x = (1; }", &["1:20: expected `)`, found `;`"])]
#[case("action a() { f(1 2); }", &["1:18: expected `,` or `)`, found the number `2`"])]
#[case("action a() { x = ; }", &["1:18: expected an expression, found `;`"])]
#[case("action a() { x = 0x; }", &["1:18: this number has no digits"])]
#[case("action a() { x = 0x100000000000000000000000000000000; }",
    &["1:18: this number has more than 128 bits"])]
#[case("action a() { x = `1; }", &["1:18: no token begins with ```"])]
#[case("action a() { x = \"open; }", &["1:18: this string has no end"])]
#[case("action a() { x = 1; /* open }", &["1:21: this comment has no end"])]
#[case("action a() { x\\\ny = 1; }",
    &["1:14: a word or number cannot go on after a backslash at the end of the line"])]
#[case("typedef struct s { } t;",
    &["1:9: a type that is declared within a `typedef` is not supported"])]
#[case("}", &["1:1: expected a declaration, found `}`"])]
#[case("control C() { table t { 1; } apply { } }",
    &["1:25: expected a property of the table, found the number `1`"])]
#[case("const tuple<bit<8> x = 1;", &["1:20: expected `,` or `>`, found `x`"])]
#[case("@(1) const bit x = 1;", &["1:2: expected the name of an annotation, found `(`"])]
#[case("const bit x = { ..., 1 };", &["1:25: `...` before other elements is not supported"])]
fn faults_say_what_was_expected(#[case] text: &str, #[case] expected: &[&str]) {
    assert_eq!(faults(text), expected);
}

#[test]
fn an_open_brace_is_shown_with_its_beginning() {
    let invalid = super::parsed("header h {\n  bit<8> a;\n").unwrap_err();
    assert_eq!(
        invalid.to_string(),
        "x.p4:2:12: error: expected `}`, found the end\n    bit<8> a;\n             ^\n\
         x.p4:1:10: note: to end what begins here\n  header h {\n           ^"
    );
}

#[test]
fn one_fault_does_not_hide_the_next() {
    let text = "\
header h { bit<8> ; bit<8> b; bit<> c; }
control C() {
    action a() { x = ; y = 1; if (z { } w = 2; v = ); }
    table t { key = { x exact; y: exact; z; } actions = { 1; b; } size 4; }
    apply { { a b; c d e; } f(; }
}
const bit<8> = 1;
parser P() { state s { transition select(x) { 1 a; 2: b; : c; } } state { } }
} header g { }
";
    let lines: Vec<String> =
        faults(text).iter().map(|fault| fault.split(' ').next().unwrap().to_string()).collect();
    assert_eq!(
        lines,
        [
            "1:19:", "1:35:", "3:22:", "3:37:", "3:52:", "4:25:", "4:43:", "4:59:", "4:72:",
            "5:24:", "5:31:", "7:14:", "8:49:", "8:58:", "8:73:", "9:1:"
        ]
    );
}

#[test]
fn at_most_twenty_faults_are_reported() {
    assert_eq!(faults(&"const = 1;\n".repeat(100)).len(), 20);
    assert_eq!(
        faults(&format!("control C() {{ apply {{ {} }} }}", "x y z;".repeat(100))).len(),
        20
    );
}
