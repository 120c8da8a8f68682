//! The commands as a user types them, against a daemon in this process: see `tests/scripts`.
//!
//! A script is a session at a shell: lines that begin with `$` are commands, what follows is what
//! they print, and `#` is for whoever reads it. Set `EXPECTORATE=overwrite` to write anew what is
//! printed, then read what changed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod normal;
mod script;
mod shell;

use clap::{Command, CommandFactory};
use rstest::rstest;
use script::Script;
use shell::Shell;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn swadm_prints_what_the_script_shows(#[files("tests/scripts/*.txt")] path: PathBuf) {
    let mut script = Script::parse(&fs::read_to_string(&path).unwrap());
    let mut shell = Shell::new();
    for step in &mut script.steps {
        step.output = shell.run(&step.command, step.input.as_deref()).await;
    }
    shell.exit().await;
    expectorate::assert_contents(path, &script.to_string());
}

#[test]
fn each_command_and_each_option_has_its_place_in_a_script() {
    let mut commands = String::new();
    for file in fs::read_dir("tests/scripts").unwrap() {
        let script = Script::parse(&fs::read_to_string(file.unwrap().path()).unwrap());
        for step in script.steps {
            commands += &format!("{} \n", step.command);
        }
    }
    let mut missing = BTreeSet::new();
    let mut root = swadm::Args::command();
    root.build();
    require(&root, "swadm", &mut |words| {
        // The words of a command follow each other; its options come anywhere behind.
        let (command, option) = words.split_once(" --").unwrap_or((words, ""));
        let shown = commands.lines().flat_map(|line| line.split(" | ")).any(|line| {
            let line = format!("{line} ");
            line.starts_with(&format!("{command} "))
                && (option.is_empty() || line.contains(&format!(" --{option} ")))
        });
        if !shown {
            missing.insert(words.to_owned());
        }
    });
    assert_eq!(missing, BTreeSet::new(), "no script shows these");
}

/// Names each command that can be given, and with each option that is its own.
fn require(command: &Command, words: &str, name: &mut impl FnMut(&str)) {
    let subcommands: Vec<&Command> =
        command.get_subcommands().filter(|command| command.get_name() != "help").collect();
    for subcommand in &subcommands {
        require(subcommand, &format!("{words} {}", subcommand.get_name()), name);
    }
    if subcommands.is_empty() {
        name(words);
        let own = command.get_arguments().filter(|argument| !argument.is_global_set());
        for option in own.filter_map(|argument| argument.get_long()).filter(|it| *it != "help") {
            name(&format!("{words} --{option}"));
        }
    }
}
