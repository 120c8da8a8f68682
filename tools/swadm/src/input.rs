//! A set of entries as a person or a program writes it.

mod csv;
mod entry;
mod json;
mod toml;

use clap::ValueEnum;
use dpd_types::{Adopt, Generation, NatEntry, PerFamily};
use std::convert::Infallible;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// A set of entries, and what else a file may say about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InputSet {
    pub(crate) entries: Vec<NatEntry>,
    pub(crate) options: Options,
    /// What was read, for messages.
    origin: String,
    /// The line of each entry, where entries have lines.
    lines: Option<Vec<u64>>,
}

/// What a file may say beside the entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) generation: Option<Generation>,
    pub(crate) adopt: Option<Adopt>,
    pub(crate) reserve: Option<PerFamily>,
    pub(crate) max_removals: Option<u64>,
    pub(crate) allow_empty: Option<bool>,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Json,
    Toml,
    Csv,
}

/// Where to read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

/// Why a set could not be read.
#[derive(Debug, Error)]
pub(crate) enum InputError {
    #[error("{origin}: {source}")]
    Unreadable { origin: String, source: io::Error },
    #[error("{origin}: how is it written? Give --format json, toml or csv")]
    UnknownFormat { origin: String },
    #[error("{origin}: {}{problem}", with_colon(.place))]
    Malformed { origin: String, place: Place, problem: String },
}

/// A place in a file, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) line: Option<u64>,
    /// From 1.
    pub(crate) column: Option<u64>,
    /// The value, such as `entries[3].vni`.
    pub(crate) path: Option<String>,
}

/// What is wrong at which place, before it is known in which file.
#[derive(Debug, PartialEq, Eq)]
struct Malformed {
    place: Place,
    problem: String,
}

/// What a file says: the same whatever it is written in.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parsed {
    entries: Vec<NatEntry>,
    options: Options,
    lines: Option<Vec<u64>>,
}

impl InputSet {
    /// Reads a set. Without a format it goes by the file's name.
    pub(crate) fn read(source: &Source, format: Option<Format>) -> Result<Self, InputError> {
        let origin = source.to_string();
        let format = match format.or_else(|| source.format()) {
            Some(format) => format,
            None => return Err(InputError::UnknownFormat { origin }),
        };
        match source.read() {
            Ok(text) => Self::parse(origin, &text, format),
            Err(source) => Err(InputError::Unreadable { origin, source }),
        }
    }

    pub(crate) fn parse(origin: String, text: &str, format: Format) -> Result<Self, InputError> {
        let parsed = match format {
            Format::Json => json::parse(text),
            Format::Toml => toml::parse(text),
            Format::Csv => csv::parse(text),
        };
        match parsed {
            Ok(Parsed { entries, options, lines }) => Ok(Self { entries, options, origin, lines }),
            Err(Malformed { place, problem }) => {
                Err(InputError::Malformed { origin, place, problem })
            }
        }
    }

    /// Where the entry with this index, from 0, stands.
    pub(crate) fn place(&self, index: u64) -> String {
        let line = usize::try_from(index).ok().and_then(|index| self.lines.as_ref()?.get(index));
        match line {
            Some(line) => format!("{}: line {line}", self.origin),
            None => format!("{}: entries[{index}]", self.origin),
        }
    }
}

impl Source {
    fn read(&self) -> io::Result<String> {
        match self {
            Self::File(path) => fs::read_to_string(path),
            Self::Stdin => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text).map(|_| text)
            }
        }
    }

    /// How it is written, by its name. What another `swadm` pipes into this one is JSON.
    fn format(&self) -> Option<Format> {
        let Self::File(path) = self else { return Some(Format::Json) };
        let extension = path.extension().and_then(OsStr::to_str)?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Format::Json),
            "toml" => Some(Format::Toml),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "-" { Self::Stdin } else { Self::File(text.into()) })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!("line {line}"));
        let column = self.column.map(|column| format!("column {column}"));
        let path = self.path.as_ref().map(|path| format!("`{path}`"));
        let parts: Vec<String> = [line, column, path].into_iter().flatten().collect();
        f.write_str(&parts.join(", "))
    }
}

fn with_colon(place: &Place) -> String {
    let place = place.to_string();
    if place.is_empty() { place } else { place + ": " }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("-", Some(Format::Json))]
    #[case("set.json", Some(Format::Json))]
    #[case("a.b/set.TOML", Some(Format::Toml))]
    #[case("set.csv", Some(Format::Csv))]
    #[case("set", None)]
    #[case("set.txt", None)]
    fn the_name_says_how_a_file_is_written(#[case] name: &str, #[case] format: Option<Format>) {
        assert_eq!(name.parse::<Source>().unwrap().format(), format);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let source = "no/such/set.json".parse().unwrap();
        let error = InputSet::read(&source, None).unwrap_err().to_string();
        assert!(error.starts_with("no/such/set.json: No such file"), "{error}");
    }

    #[test]
    fn an_error_names_the_file_the_place_and_the_field() {
        let read = |name: &str, text, format| {
            InputSet::parse(name.to_owned(), text, format).unwrap_err().to_string()
        };
        assert_eq!(
            read(
                "set.csv",
                "external,low,high,internal_ip,inner_mac,vni\n::2,x,2,::3,a,1",
                Format::Csv
            ),
            "set.csv: line 2, `low`: \"x\" is not a port: a number from 0 to 65535"
        );
        assert_eq!(
            read("set.json", "[{\"external\": \"::2\",\n \"low\": \"x\"}]", Format::Json),
            "set.json: line 2, column 11, `[0].low`: invalid type: string \"x\", expected u16"
        );
        assert_eq!(
            read("set.toml", "[[entries]]\nexternal = \"::2\"\nlow = \"x\"", Format::Toml),
            "set.toml: line 3, column 7, `entries[0].low`: invalid type: string \"x\", expected u16"
        );
    }

    #[test]
    fn an_entry_is_found_again_by_its_index() {
        let csv = "external,low,high,internal_ip,inner_mac,vni\n\n::2,1,2,::3,02:00:00:00:00:01,1";
        let set = InputSet::parse("set.csv".to_owned(), csv, Format::Csv).unwrap();
        assert_eq!(set.place(0), "set.csv: line 3");
        let set = InputSet::parse("set.json".to_owned(), "[]", Format::Json).unwrap();
        assert_eq!(set.place(3), "set.json: entries[3]");
    }
}
