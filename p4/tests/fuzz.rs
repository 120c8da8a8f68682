//! No text and no packet makes the crate panic, run out of stack or run without end.
//!
//! `PROPTEST_CASES` sets how many cases there are; by default there are as many as take some
//! seconds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use p4::{Program, Switch, Verdict, stf};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rstest::rstest;

/// What a load may take, on a very busy machine and without optimisation; what it guards against
/// takes years.
const PATIENCE: Duration = Duration::from_secs(100);

/// The programs of the repository with what they include of their own, and their names.
static SOURCES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut sources = Vec::new();
    for directory in ["tests/language", "tests/errors", "programs"] {
        for path in files(directory, "p4") {
            let name = path.display().to_string();
            let mut text = std::fs::read_to_string(&path).unwrap();
            // Texts have no directory to include from.
            for _ in 0..2 {
                text = text
                    .replace(r#"#include "parts/"#, &format!(r#"#include "{directory}/parts/"#))
                    .replace(r#"#include "../../"#, r#"#include "tests/"#);
                for include in ["tests/language", "tests/errors"] {
                    for file in ["begin.p4", "end.p4", "constants.p4"] {
                        let path = format!("{include}/parts/{file}");
                        let line = format!("#include \"{path}\"");
                        if text.contains(&line) {
                            text = text.replace(&line, &std::fs::read_to_string(&path).unwrap());
                        }
                    }
                }
            }
            sources.push((name, text));
        }
    }
    sources
});

/// The programs of the repository that are right.
static PROGRAMS: LazyLock<Vec<(String, Arc<Program>)>> = LazyLock::new(|| {
    let paths = files("programs", "p4").into_iter().chain(files("tests/language", "p4"));
    let load = |path: PathBuf| {
        let program = Program::load(&path, &[]).unwrap_or_else(|invalid| panic!("{invalid}"));
        (path.display().to_string(), Arc::new(program))
    };
    paths.map(load).collect()
});

/// The scripts of the repository that write tables, with their programs.
static SCRIPTS: LazyLock<Vec<(Arc<Program>, String)>> = LazyLock::new(|| {
    let nat = &PROGRAMS[0].1;
    let of_nat = files("programs/nat", "stf").into_iter().map(|path| (Arc::clone(nat), path));
    let others = PROGRAMS[1..]
        .iter()
        .map(|(name, program)| (Arc::clone(program), PathBuf::from(name).with_extension("stf")));
    let writes = |path: PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let is_write = |line: &&str| line.starts_with("add ") || line.starts_with("setdefault ");
        text.lines().filter(is_write).fold(String::new(), |all, line| all + line + "\n")
    };
    let scripts = of_nat.chain(others).map(|(program, path)| (program, writes(path)));
    scripts.filter(|(_, writes)| !writes.is_empty()).collect()
});

/// The packets of the scripts of the repository.
static PACKETS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let scripts = ["tests/language", "programs/nat"].iter().flat_map(|place| files(place, "stf"));
    let mut packets: Vec<Vec<u8>> = scripts
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines().filter_map(packet).collect::<Vec<_>>()
        })
        .collect();
    packets.sort();
    packets.dedup();
    packets
});

/// The packet of a line of a script, if it sends one.
fn packet(line: &str) -> Option<Vec<u8>> {
    let (_port, data) = line.strip_prefix("packet ")?.trim().split_once(' ')?;
    let digits: Vec<u8> =
        data.chars().filter_map(|c| c.to_digit(16)).map(|d| u8::try_from(d).unwrap()).collect();
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn files(directory: &str, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    paths.sort();
    paths
}

/// Loads a text, and sends some packets through it if it is a program after all.
fn load_and_run(text: &str) -> Result<(), TestCaseError> {
    let start = Instant::now();
    match Program::from_source("fuzz.p4", text) {
        Ok(program) => {
            let switch = Switch::new(Arc::new(program), |table| table.size);
            for packet in PACKETS.iter().step_by(PACKETS.len() / 20) {
                send(&switch, packet);
            }
        }
        // Also what is wrong has to be said without a panic.
        Err(invalid) => prop_assert!(!invalid.to_string().is_empty()),
    }
    prop_assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
    Ok(())
}

fn send(switch: &Switch, packet: &[u8]) {
    let mut bytes = 0;
    let mut runner = switch.runner();
    let verdict = switch.process(&mut runner, 3, packet, &mut |_, out| bytes += out.len());
    std::hint::black_box((verdict, bytes));
}

/// Words that a program may consist of, in a rough measure of how often they do.
const WORDS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    ";",
    ",",
    ":",
    ".",
    "=",
    "==",
    "!=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "|+|",
    "|-|",
    "<<",
    ">>",
    "&",
    "|",
    "^",
    "~",
    "!",
    "++",
    "&&",
    "||",
    "?",
    "&&&",
    "..",
    "...",
    "_",
    "@",
    "{#}",
    "#",
    "\n#define A",
    "\n#if",
    "\n#endif\n",
    "\n#else\n",
    "\n#include <core.p4>\n",
    "\"text\"",
    "\"",
    "/*",
    "*/",
    "//",
    "\n",
    "\\",
    "0",
    "1",
    "8w255",
    "4s3",
    "0x",
    "128w1",
    "129w1",
    "1_0",
    "99999999999999999999999999999999999999999",
    "A",
    "h",
    "x",
    "v",
    "T",
    "bit<8>",
    "bit",
    "int",
    "int<8>",
    "bool",
    "true",
    "false",
    "varbit<8>",
    "header",
    "struct",
    "enum",
    "error",
    "typedef",
    "type",
    "const",
    "control",
    "parser",
    "state",
    "start",
    "accept",
    "reject",
    "transition",
    "select",
    "table",
    "key",
    "actions",
    "entries",
    "default_action",
    "default",
    "size",
    "exact",
    "lpm",
    "ternary",
    "action",
    "apply",
    "if",
    "else",
    "switch",
    "return",
    "exit",
    "in",
    "out",
    "inout",
    "extern",
    "package",
    "tuple",
    "void",
    "value_set",
    "header_union",
    "list",
    "match_kind",
    "this",
    "for",
    "é",
    "\u{0}",
    "\t",
    "$",
    "'",
];

#[test]
fn what_is_changed_here_is_right_before() {
    for (name, text) in SOURCES.iter().filter(|(name, _)| !name.starts_with("tests/errors")) {
        if let Err(invalid) = Program::from_source(name, text) {
            panic!("{invalid}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        load_and_run(&text)?;
    }

    #[test]
    fn any_words_are_read(words in proptest::collection::vec(select(WORDS), 0..200)) {
        load_and_run(&words.join(" "))?;
    }

    #[test]
    fn any_words_within_a_control_are_read(
        words in proptest::collection::vec(select(WORDS), 0..30),
        end in any::<Index>(),
    ) {
        // Where a statement can stand, in a program that is right so far.
        let (_, text) = &SOURCES[end.index(SOURCES.len())];
        let place = text.find("apply {").map_or(0, |place| place + 7);
        load_and_run(&format!("{}{}{}", &text[..place], words.join(" "), &text[place..]))?;
    }

    #[test]
    fn a_program_with_words_exchanged_is_read(
        source in any::<Index>(),
        changes in proptest::collection::vec((0..5, any::<Index>(), any::<Index>()), 1..6),
    ) {
        let (_, text) = &SOURCES[source.index(SOURCES.len())];
        let mut words = split(text);
        for (how, first, second) in changes {
            if words.is_empty() {
                break;
            }
            let (a, b) = (first.index(words.len()), second.index(words.len()));
            match how {
                0 => drop(words.remove(a)),
                1 => words.insert(a, words[b]),
                2 => words.swap(a, b),
                3 => words[a] = WORDS[second.index(WORDS.len())],
                _ => {
                    // A piece of the program once more.
                    let piece: Vec<&str> = words[a..].iter().take(40).copied().collect();
                    words.splice(b..b, piece);
                }
            }
        }
        load_and_run(&words.concat())?;
    }
}

/// Cuts a text into words, spaces and symbols.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        words.push(&rest[..length]);
        rest = &rest[length..];
    }
    words
}

const DEPTH: usize = 100_000;

#[rstest]
#[case::parentheses("const bit<8> A = ", "(", "1", ")", ";")]
#[case::open_parentheses("const bit<8> A = ", "(", "1", "", ";")]
#[case::negations("const bit<8> A = ", "-", "1", "", ";")]
#[case::nots("const bool A = ", "!", "true", "", ";")]
#[case::casts("const bit<8> A = ", "(bit<8>)", "1", "", ";")]
#[case::sums("const bit<8> A = ", "1 + ", "1", "", ";")]
#[case::concatenations("const bit<8> A = ", "8w1 ++ ", "8w1", "", ";")]
#[case::conditionals("const bit<8> A = ", "true ? ", "8w1", " : 8w2", ";")]
#[case::lists("const bit<8> A = ", "{", "1", "}", ";")]
#[case::members("const bit<8> A = x", ".x", "", "", ";")]
#[case::calls("const bit<8> A = x", "(x", "", ")", ";")]
#[case::slices("const bit<8> A = x", "[7:0]", "", "", ";")]
#[case::indices("const bit<8> A = x", "[x", "[0]", "]", ";")]
#[case::tuples("const ", "tuple<", "bool", ">", " A = true;")]
#[case::stacks("struct s { bit<8>", "[1]", "", "", " a; }")]
#[case::widths("const ", "bit<(", "8", ")>", " A = 1;")]
#[case::blocks("action a() ", "{", "", "}", "")]
#[case::ifs("action a() {", "if (true) ", ";", "", "}")]
#[case::ifs_with_blocks("action a() {", "if (true) {", ";", "}", "}")]
#[case::elses("action a() {", "if (true) ; else ", ";", "", "}")]
#[case::annotations("", "@a", "", "", "const bit<8> A = 1;")]
#[case::annotation_bodies("@a", "(", "", ")", "const bit<8> A = 1;")]
#[case::open_ifs("", "\n#if 1\n", "", "", "")]
#[case::conditions("\n#if ", "(", "1", ")", "\n#endif\n")]
#[case::signs_in_conditions("\n#if ", "-", "1", "", "\n#endif\n")]
#[case::comments("", "/* */", "", "", "")]
#[case::many_declarations("", "const bit<8> A = 1;", "", "", "")]
#[case::open_braces("", "struct s {", "", "", "")]
fn nesting_is_bounded(
    #[case] before: &str,
    #[case] open: &str,
    #[case] middle: &str,
    #[case] close: &str,
    #[case] after: &str,
) {
    for depth in [10, 200, 300, 1_000, DEPTH] {
        let text = format!("{before}{}{middle}{}{after}", open.repeat(depth), close.repeat(depth));
        load_and_run(&text).unwrap();
    }
}

#[rstest]
// Names that stand for twice as much as the one before, forty times over.
#[case::of_names("#define A{} A{} A{}", "const bit<8> A = A{};")]
#[case::with_arguments("#define A{}(x) A{}(x) A{}(x)", "const bit<8> A = A{}(1);")]
#[case::types("struct A{} { A{} a; A{} b; }", "const A{} v = ...;")]
#[case::tuples("typedef tuple<A{}, A{}> A{};", "const A{} v = ...;")]
#[case::constants("const int A{} = A{} * A{};", "const bit<8> B = A{};")]
#[case::controls("control A{}() { A{}() a; A{}() b; apply { a.apply(); b.apply(); } }", "")]
fn growth_is_bounded(#[case] line: &str, #[case] last: &str) {
    let count = |text: &str, numbers: &[usize]| {
        let mut parts = text.split("{}");
        let mut all = parts.next().unwrap_or_default().to_owned();
        for (part, number) in parts.zip(numbers) {
            all = format!("{all}{number}{part}");
        }
        all
    };
    let is_typedef = line.starts_with("typedef");
    let mut text = String::new();
    if line.starts_with("control") {
        text += "control A0() { apply {} }\n";
    } else if line.starts_with("struct") || is_typedef {
        text += "typedef bit<8> A0;\n";
    } else {
        text += "const int A0 = 12345;\n";
    }
    for number in 1..=40 {
        let (new, old) = (number, number - 1);
        let numbers = if is_typedef { [old, old, new] } else { [new, old, old] };
        text += &count(line, &numbers);
        text.push('\n');
    }
    text += &count(last, &[40]);
    load_and_run(&text).unwrap();
}

/// A program with these declarations before ingress and these statements in it.
fn program(declarations: &str, statements: &str) -> Program {
    let begin = std::fs::read_to_string("tests/language/parts/begin.p4").unwrap();
    let end = std::fs::read_to_string("tests/language/parts/end.p4").unwrap();
    let text = format!(
        "{begin}
         header x_t {{ bit<8> a; }}
         struct headers {{ x_t x; }}
         struct metadata {{}}
         {declarations}
         INGRESS {{ apply {{ {statements} }} }}
         {end}"
    );
    Program::from_source("program.p4", &text).unwrap_or_else(|invalid| panic!("{invalid}"))
}

#[test]
fn a_run_that_would_not_end_drops_the_packet() {
    // Each function calls the one before twice.
    let mut declarations = String::from("bit<8> f0(in bit<8> v) { return v + 1; }\n");
    for number in 1..=60 {
        let before = number - 1;
        declarations +=
            &format!("bit<8> f{number}(in bit<8> v) {{ return f{before}(f{before}(v)); }}\n");
    }
    let program = program(&declarations, "h.x.a = f60(h.x.a);");
    let switch = Switch::new(Arc::new(program), |table| table.size);
    let start = Instant::now();
    let mut sent = 0;
    let verdict = switch.process(&mut switch.runner(), 0, &[1, 2, 3], &mut |_, _| sent += 1);
    assert!(matches!(verdict, Verdict::Dropped(_)), "{verdict:?}");
    assert_eq!(sent, 0);
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
}

#[test]
fn a_parser_that_goes_round_without_end_rejects() {
    let declarations = "
        #define OWN_PARSER
        PARSER {
            state start { p.extract(h.x); transition first; }
            state first { transition second; }
            state second { transition first; }
        }";
    let statements = "if (s.parser_error == error.ParserTimeout) { h.x.a = 0xee; }";
    let program = program(declarations, statements);
    let switch = Switch::new(Arc::new(program), |table| table.size);
    let mut sent = Vec::new();
    let mut runner = switch.runner();
    switch.process(&mut runner, 0, &[1, 2], &mut |port, out| sent.push((port, out.to_vec())));
    assert_eq!(sent, [(0, vec![0xee, 2])]);
}

/// How many packets each case of the test below sends.
const BATCH: usize = 500;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.min(200).max(ProptestConfig::default().cases / 4),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_packet_is_forwarded_or_dropped(program in any::<Index>(), seed in any::<u64>()) {
        // NAT in one case of four.
        let place = if seed % 4 == 0 { 0 } else { program.index(PROGRAMS.len()) };
        let (_, program) = &PROGRAMS[place];
        let switch = Switch::new(Arc::clone(program), |table| table.size);
        let mut random = Random(seed | 1);
        let mut runner = switch.runner();
        for _ in 0..BATCH {
            let packet = random.packet();
            let port = random.below(512) as u16;
            let mut longest = 0;
            let verdict = switch.process(&mut runner, port, &packet, &mut |out_port, out| {
                assert!(out_port < 511);
                longest = longest.max(out.len());
            });
            std::hint::black_box(verdict);
            prop_assert!(longest <= packet.len() + 4096);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_packet_meets_tables_with_entries(script in any::<Index>(), seed in any::<u64>()) {
        let (program, writes) = &SCRIPTS[script.index(SCRIPTS.len())];
        let mut random = Random(seed | 1);
        let mut text = writes.clone();
        for _ in 0..50 {
            let mut packet = random.packet();
            packet.truncate(2_000);
            let hex: String = packet.iter().map(|byte| format!("{byte:02x}")).collect();
            if !hex.is_empty() {
                text += &format!("packet {} {hex}\n", random.below(64));
            }
        }
        // What comes out is expected by nothing; here only that the script can be run matters.
        match stf::run(program, "fuzz.stf", &text, &mut |_| ()) {
            Ok(()) | Err(stf::ScriptError::Failed(_)) => {}
            Err(invalid) => prop_assert!(false, "{invalid}"),
        }
    }
}

/// Xorshift: numbers that are random enough for packets.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// A packet of random bytes, or one of the scripts, cut, prolonged or with some bytes changed.
    fn packet(&mut self) -> Vec<u8> {
        let length = match self.below(100) {
            0 => 65_535,
            1 => self.below(65_536),
            2..=5 => 0,
            _ => self.below(200),
        };
        if self.below(4) == 0 {
            return self.bytes(length);
        }
        let mut packet = PACKETS[self.below(PACKETS.len())].clone();
        match self.below(4) {
            0 => packet.truncate(length),
            1 => packet.extend(self.bytes(length)),
            _ => {}
        }
        for _ in 0..self.below(5) {
            if !packet.is_empty() {
                let place = self.below(packet.len());
                packet[place] = self.next() as u8;
            }
        }
        packet
    }
}
