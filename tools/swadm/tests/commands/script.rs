//! A session at a shell, written down.

use std::fmt;

/// Commands and what they print.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
}

/// A command.
#[derive(Debug)]
pub(crate) struct Step {
    /// The lines before it, for the reader.
    prose: Vec<String>,
    /// What is typed after the prompt.
    pub(crate) command: String,
    /// What is typed below, if the command ends with `<<END`: the lines up to `END`.
    pub(crate) input: Option<String>,
    /// What it prints.
    pub(crate) output: String,
}

const PROMPT: &str = "$ ";
const END: &str = "END";

impl Script {
    /// Reads a script, but for what was printed: running it will tell.
    pub(crate) fn parse(text: &str) -> Self {
        let mut script = Self::default();
        let mut prose = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(command) = line.strip_prefix(PROMPT) {
                let input = command.ends_with(&format!("<<{END}")).then(|| {
                    let input = lines.by_ref().take_while(|line| *line != END);
                    input.map(|line| format!("{line}\n")).collect()
                });
                let (command, output) = (command.to_owned(), String::new());
                let prose = std::mem::take(&mut prose);
                script.steps.push(Step { prose, command, input, output });
            } else if line.starts_with('#') {
                prose.push(line.to_owned());
            }
        }
        assert!(prose.is_empty(), "a script ends with a command, not with {prose:?}");
        script
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            step.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prose, command, input, output } = self;
        prose.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        writeln!(f, "{PROMPT}{command}")?;
        if let Some(input) = input {
            writeln!(f, "{input}{END}")?;
        }
        f.write_str(output)
    }
}
