//! A set in TOML: an `[[entries]]` table for each entry.

use super::entry::Set;
use super::{Malformed, Parsed, Place};

pub(super) fn parse(text: &str) -> Result<Parsed, Malformed> {
    let deserializer =
        toml::Deserializer::parse(text).map_err(|error| malformed(text, None, &error))?;
    serde_path_to_error::deserialize::<_, Set>(deserializer).map(Parsed::from).map_err(|error| {
        let path = Some(error.path().to_string()).filter(|path| path != ".");
        malformed(text, path, error.inner())
    })
}

fn malformed(text: &str, path: Option<String>, error: &toml::de::Error) -> Malformed {
    let (line, column) = error.span().and_then(|span| line_and_column(text, span.start)).unzip();
    Malformed { place: Place { line, column, path }, problem: error.message().to_owned() }
}

/// The line and the column, from 1, of a byte.
fn line_and_column(text: &str, offset: usize) -> Option<(u64, u64)> {
    let before = text.get(..offset)?;
    let start_of_line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = 1 + before.matches('\n').count();
    let column = 1 + before[start_of_line..].chars().count();
    Some((u64::try_from(line).ok()?, u64::try_from(column).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpd_types::{Adopt, Generation, PerFamily};
    use rstest::rstest;

    const SET: &str = r#"
generation = 7
adopt = { vni = 100 }
reserve = { ipv4 = 32, ipv6 = 16 }

[[entries]]
external = "203.0.113.7"
low = 0
high = 16383
internal_ip = "fd00:1122:3344:101::1"
inner_mac = "a8:40:25:f0:00:01"
vni = 100

[[entries]]
external = "2001:db8::7"
low = 0
high = 65535
target = { internal_ip = "fd00:1122:3344:102::1", inner_mac = "a8:40:25:f0:00:02", vni = 100 }
"#;

    #[test]
    fn a_set_is_read_with_what_stands_beside_it() {
        let Parsed { entries, options, lines } = parse(SET).unwrap();
        let shown: Vec<String> = entries.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "203.0.113.7 ports 0-16383 -> fd00:1122:3344:101::1 mac a8:40:25:f0:00:01 vni 100",
                "2001:db8::7 ports 0-65535 -> fd00:1122:3344:102::1 mac a8:40:25:f0:00:02 vni 100",
            ]
        );
        assert_eq!(options.generation, Generation::try_from(7).ok());
        assert_eq!(options.adopt, Some(Adopt::Vni(100)));
        assert_eq!(options.reserve, Some(PerFamily { ipv4: 32, ipv6: 16 }));
        assert_eq!(lines, None);
    }

    #[rstest]
    #[case::syntax("[[entries]\n", "line 1, column 11: ")]
    #[case::no_entries("generation = 7\n", "missing field `entries`")]
    #[case::field(&SET.replace("vni = 100\n\n", "vni = \"x\"\n\n"), "line 12, column 7, `entries[0].vni`: ")]
    #[case::generation(&SET.replace("= 7", "= 0"), "line 2, column 14, `generation`: ")]
    fn what_is_wrong_is_named_with_its_place(#[case] text: &str, #[case] expected: &str) {
        let Malformed { place, problem } = parse(text).unwrap_err();
        let error = format!("{place}: {problem}");
        assert!(error.contains(expected), "{error}");
    }
}
