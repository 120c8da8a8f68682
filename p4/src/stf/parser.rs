//! From the text of a script to what it says.
//!
//! The grammar is that of p4c's runner (`tools/stf` there), and besides: ranges as `low->high` or
//! `low..high` and masks as `value&&&mask`, as the command line of BMv2 has them; comments behind
//! packets; arguments without their names.

use super::lexer::Line;
use super::problem::{Misplaced, ScriptProblem};
use super::script::{
    ActionText, ArgumentText, Command, Comparison, Condition, CounterIndex, Counts, MatchForm,
    MatchText, Number, Pattern, Script, Statement, Word,
};
use crate::source::{FileId, Span};

/// What p4c's runner hands on to BMv2's command line, for features that are not here.
const UNSUPPORTED: &[&str] = &["mirroring_", "mc_", "meter_", "counter_", "register_"];

pub(super) fn parse(text: &str, file: FileId) -> Result<Script, Misplaced> {
    let mut statements = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut words = Line::new(line, start, file);
        start = start.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
        if words.is_at_end() {
            continue;
        }
        let begin = words.begin();
        let command = command(&mut words)?;
        words.expect_end()?;
        statements.push(Statement { span: words.span_from(begin), command });
    }
    Ok(Script { statements })
}

fn command(line: &mut Line<'_>) -> Result<Command, Misplaced> {
    let word = line.plain_word();
    match word.text.to_ascii_lowercase().as_str() {
        "add" => add(line),
        "setdefault" => {
            let table = line.name("a table")?;
            let name = line.name("an action")?;
            Ok(Command::SetDefault { table, action: action(line, name)? })
        }
        "remove" => {
            let what = line.plain_word();
            if what.text.eq_ignore_ascii_case("all") {
                Ok(Command::RemoveAll)
            } else {
                let found = what.text;
                Err(ScriptProblem::Expected { expected: "all", found }.at(what.span))
            }
        }
        "check_counter" => check_counter(line),
        "packet" => Ok(Command::Packet { port: port(line)?, data: packet(line)? }),
        "expect" => Ok(Command::Expect { port: port(line)?, data: pattern(line)? }),
        "no_packet" => Ok(Command::NoPacket),
        "wait" => Ok(Command::Wait),
        "" => Err(line.expected("a command")),
        known if UNSUPPORTED.iter().any(|prefix| known.starts_with(prefix)) => {
            Err(ScriptProblem::Unsupported { command: word.text }.at(word.span))
        }
        _ => Err(ScriptProblem::UnknownCommand { word: word.text }.at(word.span)),
    }
}

fn add(line: &mut Line<'_>) -> Result<Command, Misplaced> {
    let table = line.name("a table")?;
    let priority = if line.is_at_number() {
        let number = plain_number(line)?;
        let wide = ScriptProblem::NumberTooWide.at(number.span);
        Some(u32::try_from(number.value).map_err(|_| wide)?)
    } else {
        None
    };
    let mut matches = Vec::new();
    let action = loop {
        let name = line.name("a key or an action")?;
        if line.take(":") {
            matches.push((name, match_text(line)?));
        } else {
            break action(line, name)?;
        }
    };
    let handle = if line.take("=") { Some(line.name("a name for the entry")?) } else { None };
    Ok(Command::Add { table, priority, matches, action, handle })
}

fn match_text(line: &mut Line<'_>) -> Result<MatchText, Misplaced> {
    let start = line.begin();
    let first = line.number()?;
    let form = if line.take("/") {
        MatchForm::Prefix(first, line.number()?)
    } else if line.take("&&&") {
        MatchForm::Masked(first, line.number()?)
    } else if line.take("->") || line.take("..") {
        MatchForm::Range(first, line.number()?)
    } else {
        MatchForm::Number(first)
    };
    Ok(MatchText { span: line.span_from(start), form })
}

fn action(line: &mut Line<'_>, name: Word) -> Result<ActionText, Misplaced> {
    line.expect("(", "a colon or an opening parenthesis")?;
    let mut arguments = Vec::new();
    while !line.take(")") {
        if !arguments.is_empty() {
            line.expect(",", "a comma or a closing parenthesis")?;
        }
        let name = if line.is_at_name() {
            let name = line.name("a parameter")?;
            line.expect(":", "a colon")?;
            Some(name)
        } else {
            None
        };
        arguments.push(ArgumentText { name, value: plain_number(line)? });
    }
    let span = name.span.to(line.span_from(line.clone().begin()));
    Ok(ActionText { name, arguments, span })
}

fn check_counter(line: &mut Line<'_>) -> Result<Command, Misplaced> {
    let counter = line.name("a counter")?;
    line.expect("(", "an opening parenthesis")?;
    let index = if line.is_at_number() {
        CounterIndex::Number(plain_number(line)?)
    } else {
        let mut handle = line.name("a number or the name of an entry")?;
        if let Some(name) = handle.text.strip_prefix('$') {
            handle.text = name.to_owned();
        }
        CounterIndex::Handle(handle)
    };
    line.expect(")", "a closing parenthesis")?;
    let condition = if line.is_at_end() { None } else { Some(condition(line)?) };
    Ok(Command::CheckCounter { counter, index, condition })
}

fn condition(line: &mut Line<'_>) -> Result<Condition, Misplaced> {
    let before = line.clone();
    let counts = match line.plain_word().text.to_ascii_lowercase().as_str() {
        "packets" => Counts::Packets,
        "bytes" => Counts::Bytes,
        _ => {
            *line = before;
            return Err(line.expected("packets or bytes"));
        }
    };
    let comparisons = [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::LessEqual,
        Comparison::GreaterEqual,
        Comparison::Less,
        Comparison::Greater,
    ];
    let taken = comparisons.into_iter().find(|comparison| line.take(comparison.text()));
    let Some(comparison) = taken else { return Err(line.expected("a comparison")) };
    let number = plain_number(line)?;
    let wide = ScriptProblem::NumberTooWide.at(number.span);
    let number = u64::try_from(number.value).map_err(|_| wide)?;
    Ok(Condition { counts, comparison, number })
}

/// A number without digits that do not matter.
fn plain_number(line: &mut Line<'_>) -> Result<Number, Misplaced> {
    let number = line.number()?;
    if number.any == 0 { Ok(number) } else { Err(ScriptProblem::AnyDigit.at(number.span)) }
}

fn port(line: &mut Line<'_>) -> Result<u16, Misplaced> {
    if !line.is_at_number() {
        return Err(line.expected("a port"));
    }
    let word = line.plain_word();
    let digits = word.text.bytes().all(|byte| byte.is_ascii_digit());
    let number: Option<u128> = if digits { word.text.parse().ok() } else { None };
    let Some(number) = number else {
        let found = word.text;
        return Err(ScriptProblem::Expected { expected: "a port", found }.at(word.span));
    };
    // Ports of v1model have 9 bits, and the last one is none.
    match u16::try_from(number) {
        Ok(port) if port < 511 => Ok(port),
        _ => Err(ScriptProblem::NoPort { number }.at(word.span)),
    }
}

fn packet(line: &mut Line<'_>) -> Result<Vec<u8>, Misplaced> {
    let mut digits = Vec::new();
    let mut last = None;
    for (character, span) in line.characters() {
        digits.push(digit(character, span)?);
        last = Some(span);
    }
    match (digits.len().is_multiple_of(2), last) {
        (false, Some(span)) => Err(ScriptProblem::HalfByte.at(span)),
        _ => Ok(digits.chunks(2).map(|pair| pair.iter().fold(0, |all, d| all << 4 | d)).collect()),
    }
}

fn pattern(line: &mut Line<'_>) -> Result<Option<Pattern>, Misplaced> {
    let mut pattern = Pattern { digits: Vec::new(), is_whole: false };
    for (character, span) in line.characters() {
        if pattern.is_whole {
            let (expected, found) = ("the end of the line", String::from(character));
            return Err(ScriptProblem::Expected { expected, found }.at(span));
        }
        match character {
            '$' => pattern.is_whole = true,
            '*' => pattern.digits.push(None),
            _ => pattern.digits.push(Some(digit(character, span)?)),
        }
    }
    Ok((pattern.is_whole || !pattern.digits.is_empty()).then_some(pattern))
}

fn digit(character: char, span: Span) -> Result<u8, Misplaced> {
    let digit = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (expected, found) = ("hexadecimal digits", String::from(character));
    digit.ok_or_else(|| ScriptProblem::Expected { expected, found }.at(span))
}
