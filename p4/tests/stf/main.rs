//! Every test script of the crate, as a test of its own: those of the forwarding program, those of
//! the language, and those that test `p4-stf` itself by what it says.
//!
//! What `p4-stf` says of `x.stf` here is in `x.out`; `EXPECTORATE=overwrite` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Failed, Trial};
use p4::{Program, stf};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut trials = Vec::new();

    static NAT: OnceLock<Result<Arc<Program>, String>> = OnceLock::new();
    let nat = || NAT.get_or_init(|| load(&root.join("programs/nat.p4"))).clone();
    for script in scripts(&root.join("programs/nat")) {
        trials.push(Trial::test(name("nat", &script), move || run(nat()?, &script)));
    }
    for script in scripts(&root.join("tests/language")) {
        let program = script.with_extension("p4");
        trials.push(Trial::test(name("language", &script), move || run(load(&program)?, &script)));
    }
    for script in scripts(&root.join("tests/stf")) {
        trials.push(Trial::test(name("p4_stf", &script), move || {
            let own = script.with_extension("p4");
            let program = if own.exists() { own } else { script.with_file_name("program.p4") };
            let said = say(&[file_name(&program), file_name(&script)]);
            expectorate::assert_contents(script.with_extension("out"), &said);
            Ok(())
        }));
    }
    for (name, arguments) in COMMANDS {
        trials.push(Trial::test(format!("p4_stf::{name}"), move || {
            let out = root.join(format!("tests/stf/{name}.out"));
            expectorate::assert_contents(out, &say(arguments));
            Ok(())
        }));
    }
    assert!(trials.len() > COMMANDS.len(), "no scripts were found");
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Commands that are not just a program and a script.
const COMMANDS: &[(&str, &[&str])] = &[
    ("command_trace", &["--trace", "program.p4", "fails_counters.stf"]),
    // The worst of them counts.
    ("command_several", &["program.p4", "passes.stf", "unsupported_mirroring.stf"]),
    ("command_several_fail", &["program.p4", "unsupported_mirroring.stf", "wrong_end.stf"]),
    ("command_no_script", &["program.p4", "missing.stf"]),
    ("command_no_program", &["missing.p4", "passes.stf"]),
    ("command_wrong", &["--missing"]),
];

/// What `p4-stf` says in the directory of its tests, and how it ends.
fn say(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_p4-stf"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stf"));
    let output = command.args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let mut said = format!("$ p4-stf {}\n", arguments.join(" "));
    said.push_str(&text(output.stdout));
    said.push_str(&text(output.stderr));
    said.push_str(&format!("status {}\n", output.status.code().unwrap()));
    said
}

fn run(program: Arc<Program>, script: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(script)?;
    let name = script.display().to_string();
    stf::run(&program, &name, &text, &mut |_| {}).map_err(|error| error.to_string().into())
}

fn load(path: &Path) -> Result<Arc<Program>, String> {
    Program::load(path, &[]).map(Arc::new).map_err(|invalid| invalid.to_string())
}

/// The scripts of a directory in the order of their names.
fn scripts(directory: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
    let is_script = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "stf");
    let mut scripts: Vec<PathBuf> = files.filter(is_script).collect();
    scripts.sort();
    scripts
}

fn name(kind: &str, script: &Path) -> String {
    format!("{kind}::{}", script.file_stem().unwrap().to_str().unwrap())
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}
