//! The preprocessor: directives, macros, conditions, files.

use std::path::Path;

use rstest::rstest;

use crate::diagnostic::{Diagnostic, InvalidProgram};
use crate::source::SourceMap;
use crate::syntax::preprocess::{MAX_TEXT, preprocess};
use crate::syntax::token::{TokenKind, text_of};
use crate::syntax::{Includes, Root};

const FILES: Includes = Includes {
    directories: Vec::new(),
    embedded: &[
        ("guarded.p4", "#ifndef GUARD\n#define GUARD\ninside\n#endif\n"),
        ("self.p4", "#include \"self.p4\"\n"),
        ("twice.p4", "#include <twice.p4>\n#include <twice.p4>\n"),
        ("open.p4", "#if 1\n"),
        ("a-1.0.p4", "dashed"),
    ],
};

fn expanded_with(root: Root<'_>, includes: &Includes) -> Result<String, String> {
    let mut sources = SourceMap::new();
    match preprocess(root, includes, &mut sources) {
        Ok(tokens) => {
            let end = tokens.len() - 1;
            assert_eq!(tokens[end].kind, TokenKind::End);
            Ok(text_of(&tokens[..end]))
        }
        Err(fault) => {
            let diagnostics = vec![Diagnostic::from(fault)];
            let invalid = InvalidProgram { diagnostics, sources }.to_string();
            Err(invalid.lines().next().unwrap().replace("error: ", ""))
        }
    }
}

fn expanded(text: &str) -> String {
    expanded_with(Root::Text { name: "x.p4", text }, &FILES).unwrap()
}

fn refused(text: &str) -> String {
    expanded_with(Root::Text { name: "x.p4", text }, &FILES).unwrap_err()
}

#[rstest]
// Without parameters.
#[case("#define A 1 + 2\nA A2 A", "1 + 2 A2 1 + 2")]
#[case("#define A\n#define B A A\nx B y", "x y")]
#[case("#define A B\n#define B A\nA B", "A B")]
#[case("#define A A + 1\nA", "A + 1")]
#[case("#define A 1\n#undef A\nA", "A")]
#[case("#define A 1\n#define A 1\nA", "1")]
#[case("#define if when\nif", "when")]
#[case("#define A \\\n 1 \\\n + 2\nA", "1 + 2")]
#[case("#define A (x)\nA", "(x)")]
#[case("#define A #\nA", "#")]
// With parameters.
#[case("#define f(x) (x + 1)\nf(2) f f (3)", "(2 + 1) f (3 + 1)")]
#[case("#define f(x, y) y x\nf((1, 2), [3])", "[3] (1, 2)")]
#[case("#define f() 1\nf() f( )", "1 1")]
#[case("#define f(x) <x>\nf()", "<>")]
#[case("#define f(x) x x\nf(f(1))", "1 1 1 1")]
#[case("#define f(x) x\n#define g f\ng(1) g (2)", "1 2")]
#[case("#define f(x) x f\nf(1)(2)", "1 f(2)")]
#[case("#define f(x) f(x)\nf(f(1))", "f(f(1))")]
#[case("#define g f(g)\n#define f(x) x + x\ng", "g + g")]
#[case("#define f(x) x\nf(\n1\n+ 2\n)", "1 + 2")]
#[case("#define f(x) #x\nf(a + \"b\\n\")", "\"a + \\\"b\\\\n\\\"\"")]
#[case("#define f(x, y) x ## y\nf(a, 1) f(, b) f(c, ) f(, )", "a1 b c")]
#[case("#define f(x) a_##x##_b\nf(1)", "a_1_b")]
#[case("#define A 1\n#define f(x) x##A x\nf(A)", "AA 1")]
#[case("#define f(x) x ## =\nf(=) f(!)", "== !=")]
#[case("#define lp (\n#define f(x) [x]\nf lp 1)", "f ( 1)")]
// Comments and continued lines.
#[case("/* #define A 1 */ A // x \\\n still a comment\nb", "A b")]
#[case("/* a\n b */ #define A 1\nA", "1")]
#[case("#define A /* x\n y */ 1\nA", "1")]
#[case("a\\\n + b", "a + b")]
#[case("a /**/ b", "a b")]
// What does nothing.
#[case("#\n# 3 \"x.p4\"\n#line 7\n#pragma once\n#warning x\na", "a")]
#[case("\"#define A\" a # b", "\"#define A\" a # b")]
// Files.
#[case("#include <guarded.p4>\n#include \"guarded.p4\"\nx", "inside x")]
#[case("#define F <guarded.p4>\n#include F\nx", "inside x")]
#[case("#include <a-1.0.p4>", "dashed")]
fn macros_are_expanded_as_in_c(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(expanded(text), expected);
}

#[rstest]
#[case("1", true)]
#[case("0", false)]
#[case("A", false)]
#[case("true", false)]
#[case("ONE", true)]
#[case("defined ONE && !defined(TWO)", true)]
#[case("defined(X) || 0", false)]
#[case("VERSION >= 20180101", true)]
#[case("VERSION != 20180101", false)]
#[case("1 + 2 * 3 == 7", true)]
#[case("(1 + 2) * 3 == 9", true)]
#[case("10 - 2 - 3 == 5", true)]
#[case("1 << 3 >> 1 == 4", true)]
#[case("-1 < 0 && ~0 == -1 && !0 == 1", true)]
#[case("7 / 2 == 3 && 7 % 2 == 1", true)]
#[case("(6 & 3) == 2 && (6 | 1) == 7 && (6 ^ 3) == 5", true)]
#[case("0x10 == 16 && 010 == 8 && 0b11 == 3 && 1u == 1UL", true)]
#[case("1 ? 2 : 0", true)]
#[case("0 ? 1 : 0 ? 1 : 0", false)]
#[case("0 && 1 / 0", false)]
#[case("1 || 1 / 0", true)]
#[case("DOUBLE(2) == 4", true)]
#[case("- - 1 == 1", true)]
fn conditions_are_those_of_c(#[case] condition: &str, #[case] holds: bool) {
    let text = format!(
        "#define ONE 1\n#define VERSION 20180101\n#define DOUBLE(x) (2 * x)\n\
         #if {condition}\nyes\n#else\nno\n#endif\n"
    );
    assert_eq!(expanded(&text), if holds { "yes" } else { "no" });
}

#[rstest]
#[case("#if 0\na\n#elif 1\nb\n#elif 1\nc\n#else\nd\n#endif\ne", "b e")]
#[case("#if 1\na\n#elif 1 / 0\nb\n#else\nc\n#endif", "a")]
#[case("#if 0\n#if 1\na\n#else\nb\n#endif\n#else\nc\n#endif", "c")]
#[case("#if 0\nit's \"open\n#endif\nx", "x")]
#[case("#if 0\n#bogus\n#include <none>\n#error no\n#elif 0\n#endif\nx", "x")]
#[case("#ifdef A\na\n#else\nb\n#endif", "b")]
#[case("#define A\n#ifdef A\na\n#endif\n#ifndef A\nb\n#endif", "a")]
#[case("#if 1\n#if 0\na\n#endif\nb\n#endif c\nd", "b d")]
#[case("#if 0\n\"/*\" /*\n#endif */ \"//\"\n#endif\nx", "x")]
#[case("#if 0\na \\\n#endif\n#endif\nx", "x")]
#[case("#if 0\n#error \"open\n#endif\nx", "x")]
#[case("#warning \"open\nx", "x")]
fn one_part_of_a_condition_is_taken(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(expanded(text), expected);
}

#[rstest]
#[case("#if 1", "x.p4:1:1: `#if` without an `#endif` in the same file")]
#[case("#if 0\n#else", "x.p4:1:1: `#if` without an `#endif` in the same file")]
#[case("#if 0\n\n/* open", "x.p4:1:1: `#if` without an `#endif` in the same file")]
#[case("#include <open.p4>\n#endif", "<open.p4>:1:1: `#if` without an `#endif` in the same file")]
#[case("#endif", "x.p4:1:2: `#endif` without an `#if`")]
#[case("#else", "x.p4:1:2: `#else` without an `#if`")]
#[case("#if 1\n#else\n#elif 1\n#endif", "x.p4:3:2: `#elif` after an `#else`")]
#[case("#if 0\n#else\n#else\n#endif", "x.p4:3:2: `#else` after an `#else`")]
#[case("#if\n#endif", "x.p4:1:2: expected a condition after `#if`")]
#[case("#if 1 +\n#endif", "x.p4:1:7: expected a number in the condition, found the end")]
#[case("#if (1\n#endif", "x.p4:1:6: expected `)` in the condition, found the end")]
#[case("#if 1 2\n#endif", "x.p4:1:7: expected an operator in the condition, found the number `2`")]
#[case("#if 1 / 0\n#endif", "x.p4:1:7: the condition divides by zero")]
#[case("#if 1 << 70\n#endif", "x.p4:1:7: the condition needs a number of more than 64 bits")]
#[case(
    "#if 8w1\n#endif",
    "x.p4:1:5: expected a number of at most 64 bits as C writes it in the \
     condition, found the number `8w1`"
)]
#[case("#if defined\n#endif", "x.p4:1:5: expected a name after `#if defined`")]
#[case("#ifdef A B\n#endif", "x.p4:1:2: expected a name and nothing else after `#ifdef`")]
#[case("#bogus x", "x.p4:1:2: there is no directive `#bogus`")]
#[case("#error not  this\nx", "x.p4:1:2: #error not this")]
#[case("#define 1", "x.p4:1:2: expected a name after `#define`")]
#[case("#define defined 1", "x.p4:1:9: `defined` cannot be the name of a macro")]
#[case("#define A 1\n#define A 2", "x.p4:2:9: the macro `A` is defined already, as something else")]
#[case("#define f(x, x) 1", "x.p4:1:14: the macro `f` has two parameters `x`")]
#[case("#define f(x 1", "x.p4:1:2: expected parameters as in `(x, y)` after `#define`")]
#[case("#define f(...) 1", "x.p4:1:2: expected parameters as in `(x, y)` after `#define`")]
#[case("#define f(x) #y", "x.p4:1:14: `#` in the macro `f` does not stand before a parameter")]
#[case("#define f(x) ## x", "x.p4:1:14: `##` in the macro `f` stands at its beginning or end")]
#[case(
    "#define f(x) x ## *\nf(a)",
    "x.p4:2:1: `##` in the macro `f` makes `a*`, which is no token"
)]
#[case("#define f(x) 1\nf(1, 2)", "x.p4:2:1: the macro `f` takes 1 arguments, not 2")]
#[case("#define f(x, y) 1\nf(1)", "x.p4:2:1: the macro `f` takes 2 arguments, not 1")]
#[case(
    "#define f(x) 1\n f(1\n#if 1\n)\n#endif",
    "x.p4:2:2: the arguments of the macro `f` have no end before the next directive"
)]
#[case("#include", "x.p4:1:2: expected a file name as in \"x.p4\" or <x.p4> after `#include`")]
#[case(
    "#include <none.p4>",
    "x.p4:1:10: `none.p4` was not found; looked among the built-in \
     guarded.p4, self.p4, twice.p4, open.p4, a-1.0.p4"
)]
#[case("#include <self.p4>", "<self.p4>:1:2: files include one another more than 64 deep")]
fn what_is_wrong_is_said_with_its_place(#[case] text: &str, #[case] words: &str) {
    assert_eq!(refused(text), words);
}

#[rstest]
#[case("#include <twice.p4>\n", "files include one another more than 64 deep")]
#[case(
    "#define a0 x x\n#define a1 a0 a0\n#define a2 a1 a1 a1 a1 a1 a1 a1 a1\n\
        #define a3 a2 a2 a2 a2 a2 a2 a2 a2\n#define a4 a3 a3 a3 a3 a3 a3 a3 a3\n\
        #define a5 a4 a4 a4 a4 a4 a4 a4 a4\n#define a6 a5 a5 a5 a5 a5 a5 a5 a5\n\
        #define a7 a6 a6 a6 a6 a6 a6 a6 a6\n#define a8 a7 a7 a7 a7 a7 a7 a7 a7\na8\n",
    "the program has more than 2000000 tokens with its macros expanded"
)]
fn bombs_are_refused(#[case] text: &str, #[case] words: &str) {
    assert!(refused(text).ends_with(words), "{}", refused(text));
}

#[test]
fn empty_bombs_are_refused() {
    // Each level includes the next one twice, and none of them has a token.
    let directory = tempfile::tempdir().unwrap();
    for level in 0..40 {
        let next = level + 1;
        let text = format!("#include \"{next}.p4\"\n#include \"{next}.p4\"\n");
        std::fs::write(directory.path().join(format!("{level}.p4")), text).unwrap();
    }
    std::fs::write(directory.path().join("40.p4"), "").unwrap();
    let path = directory.path().join("0.p4");
    let words = expanded_with(Root::File(&path), &Includes::default()).unwrap_err();
    assert!(words.ends_with("the program has more than 2000000 tokens with its macros expanded"));

    let mut text = String::from("#define a0\n");
    for level in 1..40 {
        text += &format!("#define a{level} a{0} a{0}\n", level - 1);
    }
    assert!(refused(&format!("{text}a39")).contains("more than 2000000 tokens"));

    let mut text = String::from("#define f0(x) x\n");
    for level in 1..40 {
        text += &format!("#define f{level}(x) f{0}(x) f{0}(x)\n", level - 1);
    }
    assert!(refused(&format!("{text}f39()")).contains("more than 2000000 tokens"));

    let nested = format!("#define f(x) x\n{}{}", "f(".repeat(1000), ")".repeat(1000));
    assert!(refused(&nested).contains("nested more than 64 deep"));

    let long = " ".repeat(MAX_TEXT + 1);
    assert!(refused(&long).contains("bytes of text"));
}

#[test]
fn files_are_looked_for_beside_the_including_one_then_in_the_directories() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("main.p4", "#include \"sub/a.p4\"\n#include \"c.p4\"\n#include <d.p4>\n");
    write("sub/a.p4", "#include \"b.p4\"\nfrom_sub_a");
    write("sub/b.p4", "from_sub_b");
    write("b.p4", "from_b");
    write("first/c.p4", "from_first_c");
    write("second/c.p4", "from_second_c");
    write("second/d.p4", "from_second_d");
    write("d.p4", "from_d");
    let directories = vec![root.path().join("first"), root.path().join("second")];
    let includes = Includes { directories, ..FILES };
    let main = root.path().join("main.p4");
    assert_eq!(
        expanded_with(Root::File(&main), &includes).unwrap(),
        "from_sub_b from_sub_a from_first_c from_second_d"
    );

    write("main.p4", "#include \"none.p4\"\n");
    let words = expanded_with(Root::File(&main), &includes).unwrap_err();
    let place = |path: &str| root.path().join(path).display().to_string();
    assert_eq!(
        words,
        format!(
            "{}:1:10: `none.p4` was not found; looked for {}, {}, {} and among the built-in \
             guarded.p4, self.p4, twice.p4, open.p4, a-1.0.p4",
            main.display(),
            place("none.p4"),
            place("first/none.p4"),
            place("second/none.p4")
        )
    );
}

#[test]
fn a_program_that_is_not_there_is_called_by_its_name() {
    let words = expanded_with(Root::File(Path::new("/none/x.p4")), &FILES).unwrap_err();
    assert_eq!(words, "/none/x.p4:1:1: `/none/x.p4` was not found");
    let words = expanded_with(Root::File(Path::new("/")), &FILES).unwrap_err();
    assert_eq!(words, "/:1:1: `/` cannot be read: is a directory");
    let directory = tempfile::tempdir().unwrap();
    let large = directory.path().join("large.p4");
    std::fs::File::create(&large).unwrap().set_len(1 << 32).unwrap();
    let words = expanded_with(Root::File(&large), &FILES).unwrap_err();
    let place = large.display();
    assert_eq!(words, format!("{place}:1:1: the program has more than 4194304 bytes of text"));
}

#[test]
fn what_a_macro_gives_stands_where_it_is_used() {
    let mut sources = SourceMap::new();
    let text = "#define A(x) b x\n#define B A(1)\n  B c";
    let tokens = preprocess(Root::Text { name: "x.p4", text }, &FILES, &mut sources).unwrap();
    let places: Vec<String> =
        tokens.iter().map(|token| sources.position(token.span).to_string()).collect();
    assert_eq!(places, ["x.p4:3:3", "x.p4:3:3", "x.p4:3:5", "x.p4:3:6"]);
}
