//! No nesting is too deep to be refused in words, and what is not refused can be walked.

use rstest::rstest;

use super::{faults, parsed};
use crate::ir::MAX_DEPTH;
use crate::syntax::token::Terminal;

/// `before` and `after` many times around `inside`.
fn nested(before: &str, inside: &str, after: &str, times: usize) -> String {
    format!("{}{inside}{}", before.repeat(times), after.repeat(times))
}

#[rstest]
#[case("const int c = ", "(", "1", ")", ";")]
#[case("const int c = ", "-", "1", "", ";")]
#[case("const int c = ", "!(", "1", ")", ";")]
#[case("const int c = ", "{", "1", "}", ";")]
#[case("const int c = ", "{a=", "1", "}", ";")]
#[case("const int c = ", "f(", "1", ")", ";")]
#[case("const int c = ", "f(a=", "1", ")", ";")]
#[case("const int c = ", "a[", "1", "]", ";")]
#[case("const int c = ", "a[1:", "1", "]", ";")]
#[case("const int c = ", "(bit<8>)", "1", "", ";")]
#[case("const int c = ", "(bit<(", "1", ")>)1", ";")]
#[case("const int c = ", "a?", "1", ":2", ";")]
#[case("const int c = ", "a+(", "1", ")", ";")]
#[case("const int c = ", "(a+", "1", ")", ";")]
#[case("const int c = ", "", "a", ".a", ";")]
#[case("const int c = ", "", "a", "[1]", ";")]
#[case("const int c = ", "", "a", "()", ";")]
#[case("const int c = ", "", "a", "<bool>()", ";")]
#[case("const int c = ", "", "a", "+1", ";")]
#[case("const int c = ", "", "a", "&&a.b", ";")]
#[case("const int c = ", "(", "1", "+1)", ";")]
#[case("const int c = ", "f<bit<(", "1", ")>>()", ";")]
#[case("typedef ", "tuple<", "bool", ">", " t;")]
#[case("typedef ", "list<", "bool", ">", " t;")]
#[case("typedef ", "X<", "bool", ">", " t;")]
#[case("typedef ", "", "X", "[1]", " t;")]
#[case("typedef bit<(", "f<tuple<bit<(", "1", ")>>>()", ")> t;")]
#[case("action a() { ", "{", "", "}", " }")]
#[case("action a() { ", "if (a) ", ";", "", " }")]
#[case("action a() { ", "if (a) ; else ", ";", "", " }")]
#[case("action a() { ", "if (a) {", "", "}", " }")]
#[case("action a() { ", "switch (a) { b: {", "", "}}", " }")]
#[case("action a() { ", "for (;;) ", ";", "", " }")]
#[case("action a() { ", "(", "a", ")", "= 1; }")]
#[case("parser P() { state s { transition select(a) { ", "(", "1", ")", ": t; } } }")]
#[case("parser P() { state s { transition select(a) { (_, ", "(", "1", ")", "): t; } } }")]
#[case("@a(", "(", "1", ")", ") const int c = 1;")]
#[case("@a[", "(", "1", ")", "] const int c = 1;")]
#[case("X() x = ", "{", "", "}", ";")]
fn any_nesting_is_parsed_or_refused(
    #[case] start: &str,
    #[case] before: &str,
    #[case] inside: &str,
    #[case] after: &str,
    #[case] end: &str,
) {
    let text = |times| format!("{start}{}{end}", nested(before, inside, after, times));
    let shallow = faults(&text(20));
    assert_eq!(shallow, [""; 0], "{}", text(20));
    for times in [100, MAX_DEPTH, 1_000, 30_000] {
        for fault in faults(&text(times)) {
            let expected = format!("nested more than {MAX_DEPTH} deep");
            let is_refusal = fault.ends_with(&expected) || fault.contains("tokens with its macros");
            assert!(is_refusal, "{times}: {fault}");
        }
    }
}

#[test]
fn open_ends_of_any_depth_are_refused() {
    for open in
        ["(", "{", "[", "<", "a<", "f<bit<(", "{a=", "(bit<(", "if(a){", "@a(", "/*", "\"", "-"]
    {
        for start in ["", "const int c = ", "action a() {", "typedef X<"] {
            let text = format!("{start}{}", open.repeat(50_000));
            assert!(!faults(&text).is_empty(), "{start}{open}");
        }
    }
}

#[test]
fn wide_programs_are_no_deep_ones() {
    let list = format!("const int c = {{ {} }};", "a.b + 1, ".repeat(10_000));
    assert!(parsed(&list).is_ok());
    let statements =
        format!("action a() {{ {} }}", "a.b = f(c[1]) + 2; if (a) b();".repeat(10_000));
    assert!(parsed(&statements).is_ok());
}

#[test]
fn any_symbol_may_stand_there_thousands_of_times() {
    let more = ["a ", "1 ", "\"s\" ", "#\n", "\n#define a a\n", "\\\n", "ä", "@a ", "a=1,", "if "];
    let symbols = Terminal::SYMBOLS.iter().map(|symbol| symbol.text()).chain(more);
    for symbol in symbols {
        for start in ["", "const int c = ", "action a() { ", "@a(", "typedef X<"] {
            // That there is an end to it is all that is asked for.
            assert!(faults(&format!("{start}{}", symbol.repeat(4_000))).len() <= 20);
        }
    }
}
