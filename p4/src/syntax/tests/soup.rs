//! No text makes the parser panic, overflow or run without end.

use proptest::prelude::*;

use super::parsed;
use crate::load::{CORE_P4, NAT_P4, V1MODEL_P4};
use crate::syntax::token::Terminal;

/// A token of the language, or something that looks like the beginning of one.
fn token() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "T",
        "x",
        "accept",
        "1",
        "8w255",
        "0x",
        "4s7",
        "\"s\"",
        "\n",
        "\n#define a ",
        "\n#define f(x) ",
        "\n#if ",
        "\n#endif\n",
        "\n#else\n",
        "\n#undef a\n",
        "f(",
        "##",
        "#",
        "defined",
        "@name(",
        "@pragma",
        "//",
        "/*",
        "*/",
        "\\\n",
        "header T {",
        "control C() {",
        "apply {",
        "parser P() { state start {",
        "table t {",
        "key = {",
        "entries = {",
        "transition select(a) {",
        "bit<",
        "ä",
        "`",
        "\"",
    ];
    prop_oneof![
        (0..pieces.len()).prop_map(move |index| String::from(pieces[index])),
        proptest::sample::select(Terminal::SYMBOLS).prop_map(|symbol| String::from(symbol.text())),
        proptest::sample::select(WORDS).prop_map(String::from),
    ]
}

const WORDS: &[&str] = &[
    "abstract",
    "action",
    "actions",
    "apply",
    "bit",
    "bool",
    "const",
    "control",
    "default",
    "else",
    "entries",
    "enum",
    "error",
    "exit",
    "extern",
    "false",
    "for",
    "header",
    "if",
    "in",
    "inout",
    "int",
    "key",
    "list",
    "match_kind",
    "out",
    "package",
    "parser",
    "priority",
    "return",
    "select",
    "state",
    "string",
    "struct",
    "switch",
    "table",
    "this",
    "transition",
    "true",
    "tuple",
    "type",
    "typedef",
    "value_set",
    "varbit",
    "void",
    "_",
];

/// The sources of the repository's own program, to be damaged.
fn program() -> impl Strategy<Value = String> {
    proptest::sample::select(&[CORE_P4, V1MODEL_P4, NAT_P4][..]).prop_map(String::from)
}

/// Whatever comes out, it is a tree or at least one fault, at most 20, each with a place to show.
fn check(text: &str) {
    if let Err(invalid) = parsed(text) {
        assert!((1..=20).contains(&invalid.diagnostics.len()));
        assert!(!invalid.to_string().is_empty());
        for diagnostic in &invalid.diagnostics {
            assert!(invalid.sources.file(diagnostic.span.file).is_some());
            assert!(diagnostic.span.start <= diagnostic.span.end);
            assert!(diagnostic.span.end as usize <= text.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_tokens_are_parsed_or_refused(tokens in prop::collection::vec(token(), 0..200)) {
        check(&tokens.concat());
        check(&tokens.join(" "));
    }

    #[test]
    fn damaged_programs_are_parsed_or_refused(
        program in program(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, token()), 1..6),
    ) {
        let mut text: Vec<char> = program.chars().collect();
        for (index, length, replacement) in damages {
            let start = index.index(text.len());
            let end = text.len().min(start + length);
            text.splice(start..end, replacement.chars());
            if text.is_empty() {
                text.push(' ');
            }
        }
        // Included files are not what is tested here.
        check(&text.iter().collect::<String>().replace("#include", "//"));
    }
}
