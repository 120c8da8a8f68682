//! A set in JSON: an object with `entries`, or just the list.

use super::entry::{Entry, Set};
use super::{Malformed, Parsed, Place};
use serde::de::DeserializeOwned;

pub(super) fn parse(text: &str) -> Result<Parsed, Malformed> {
    if text.trim_start().starts_with('[') {
        read::<Vec<Entry>>(text).map(Parsed::from)
    } else {
        read::<Set>(text).map(Parsed::from)
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = Some(error.path().to_string()).filter(|path| path != ".");
        malformed(path, error.inner())
    })?;
    deserializer.end().map_err(|error| malformed(None, &error))?;
    Ok(value)
}

fn malformed(path: Option<String>, error: &serde_json::Error) -> Malformed {
    let (line, column) = (error.line(), error.column());
    let words = error.to_string();
    let problem = words.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&words);
    // A text that ends too early has nothing at its end that could be pointed at.
    let column = u64::try_from(column).ok().filter(|column| *column > 0);
    let place = Place { line: u64::try_from(line).ok(), column, path };
    Malformed { place, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpd_types::{Adopt, Generation, NatEntry};
    use rstest::rstest;

    const WIRE: &str = r#"{"external":"203.0.113.7","low":0,"high":1,"target":
        {"internal_ip":"fd00::1","inner_mac":{"a":[168,64,37,240,0,1]},"vni":100}}"#;
    const FLAT: &str = r#"{"external":"203.0.113.7","low":0,"high":1,
        "internal_ip":"fd00::1","inner_mac":"a8:40:25:f0:00:01","vni":100}"#;

    fn entry() -> NatEntry {
        serde_json::from_str(WIRE).unwrap()
    }

    fn problem(text: &str) -> String {
        let Malformed { place, problem } = parse(text).unwrap_err();
        format!("{place}: {problem}")
    }

    #[rstest]
    #[case::as_on_the_wire(format!("[{WIRE}]"))]
    #[case::flat(format!("[{FLAT}]"))]
    #[case::in_an_object(format!(r#"{{"entries":[{WIRE}]}}"#))]
    fn an_entry_may_be_written_in_several_ways(#[case] text: String) {
        assert_eq!(parse(&text).unwrap().entries, [entry()]);
    }

    #[test]
    fn a_request_as_on_the_wire_is_understood_whole() {
        let text = r#"{"generation":7,"entries":[],"adopt":{"vni":100},"allow_empty":true}"#;
        let options = parse(text).unwrap().options;
        assert_eq!(options.generation, Generation::try_from(7).ok());
        assert_eq!((options.adopt, options.allow_empty), (Some(Adopt::Vni(100)), Some(true)));
    }

    #[rstest]
    #[case::mac(
        &format!("[{}]", FLAT.replace("a8:", "")),
        "line 2, column 60, `[0].inner_mac`: \"40:25:f0:00:01\" is not a MAC address: it takes \
         the form a8:40:25:f0:00:01"
    )]
    #[case::missing(
        &format!("[{}]", FLAT.replace(",\"vni\":100", "")),
        "line 2, column 65, `[0]`: missing field `vni`"
    )]
    #[case::twice(
        &format!("[{}]", WIRE.replace("\"low\"", "\"vni\":1,\"low\"")),
        "line 2, column 83, `[0]`: `target` and `internal_ip`, `inner_mac`, `vni` say the same: \
         give one of them"
    )]
    #[case::unknown(
        r#"{"entries":[], "allow_emtpy": true}"#,
        "line 1, column 28, `allow_emtpy`: unknown field `allow_emtpy`, expected one of \
         `entries`, `generation`, `adopt`, `reserve`, `max_removals`, `allow_empty`"
    )]
    #[case::more_behind_it("[]\n[]", "line 2, column 1: trailing characters")]
    #[case::nothing("", "line 1: EOF while parsing a value")]
    fn what_is_wrong_is_named_with_its_place(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(problem(text), expected);
    }
}
