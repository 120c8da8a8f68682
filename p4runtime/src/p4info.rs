//! P4Info in its two forms: as text, which is what p4c writes, and as bytes.

use std::sync::LazyLock;

use miette::Diagnostic as _;
use prost::Message as _;
use prost_reflect::text_format::{FormatOptions, ParseError};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use thiserror::Error;

use crate::config::P4Info;

/// Why something is no P4Info.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("this is no P4Info: {reason}")]
pub struct InvalidP4Info {
    reason: String,
}

/// The definitions that the messages are compiled from, for those who read them by name.
static DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

static MESSAGE: LazyLock<Option<MessageDescriptor>> = LazyLock::new(|| {
    DescriptorPool::decode(DESCRIPTORS).ok()?.get_message_by_name("p4.config.v1.P4Info")
});

/// Reads the protobuf text form.
///
/// # Errors
///
/// [`InvalidP4Info`] says what is wrong with it, and where.
pub fn p4info_from_text(text: &str) -> Result<P4Info, InvalidP4Info> {
    let invalid = |reason: String| InvalidP4Info { reason };
    let message = MESSAGE.clone().ok_or_else(|| invalid("its definition is missing".to_owned()))?;
    let parsed = DynamicMessage::parse_text_format(message, text)
        .map_err(|error| invalid(format!("{}{error}", place(text, &error))))?;
    parsed.transcode_to().map_err(|error| invalid(error.to_string()))
}

/// Reads either form.
///
/// # Errors
///
/// [`InvalidP4Info`] says why it is neither.
pub fn p4info_from_bytes(bytes: &[u8]) -> Result<P4Info, InvalidP4Info> {
    // The bytes of a message hold lengths and tags, which are hardly ever all text.
    match std::str::from_utf8(bytes).map(p4info_from_text) {
        Ok(Ok(info)) => Ok(info),
        Ok(Err(not_text)) => P4Info::decode(bytes).map_err(|_| not_text),
        Err(_) => P4Info::decode(bytes).map_err(|error| InvalidP4Info {
            reason: format!("neither text nor a message: {error}"),
        }),
    }
}

/// Where the text is wrong, as in `line 3, column 5: `.
fn place(text: &str, error: &ParseError) -> String {
    let label = error.labels().and_then(|mut labels| labels.next());
    let before = label.and_then(|label| text.get(..label.offset()));
    before.map_or_else(String::new, |before| {
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("line {line}, column {column}: ")
    })
}

/// The protobuf text form.
pub fn p4info_to_text(info: &P4Info) -> String {
    let message = MESSAGE
        .clone()
        .and_then(|message| DynamicMessage::decode(message, &*info.encode_to_vec()).ok());
    message.map_or_else(String::new, |message| {
        message.to_text_format_with_options(&FormatOptions::new().pretty(true))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::config::{MatchField, Preamble, Table, match_field};

    fn info() -> P4Info {
        let r#match = Some(match_field::Match::MatchType(match_field::MatchType::Range.into()));
        let field = MatchField { id: 1, name: "port".to_owned(), r#match, ..MatchField::default() };
        let preamble = Preamble { id: 7, name: "t".to_owned(), ..Preamble::default() };
        let table =
            Table { preamble: Some(preamble), match_fields: vec![field], ..Table::default() };
        P4Info { tables: vec![table], ..P4Info::default() }
    }

    #[test]
    fn both_forms_are_read() {
        let text = p4info_to_text(&info());
        assert!(text.contains("match_type: RANGE"), "{text}");
        assert_eq!(p4info_from_text(&text), Ok(info()));
        assert_eq!(p4info_from_bytes(text.as_bytes()), Ok(info()));
        assert_eq!(p4info_from_bytes(&info().encode_to_vec()), Ok(info()));
    }

    /// What p4c writes: comments, annotations, values as escaped bytes, maps.
    #[test]
    fn the_text_of_p4c_is_read() {
        let text = r#"
            # proto-file: p4/config/v1/p4info.proto
            # proto-message: p4.config.v1.P4Info
            pkg_info { arch: "v1model" }
            tables {
              preamble { id: 0x02000001 name: "a.t" alias: "t" annotations: "@x(\"y\")" }
              match_fields { id: 1 name: "k" bitwidth: 9 match_type: EXACT type_name { name: "port_t" } }
              initial_default_action { action_id: 16777217 arguments { param_id: 1 value: "\001\377" } }
              size: 1024
              other_properties { [type.googleapis.com/p4.config.v1.P4BoolType] {} }
            }
            type_info {
              new_types {
                key: "port_t"
                value { translated_type { uri: "p4.org" sdn_string {} } }
              }
            }
        "#;
        let info = p4info_from_text(text).unwrap();
        assert_eq!(info.tables[0].preamble.as_ref().map(|one| one.id), Some(0x0200_0001));
        let default = info.tables[0].initial_default_action.as_ref().unwrap();
        assert_eq!(default.arguments[0].value, [1, 0xff]);
        assert!(info.type_info.unwrap().new_types.contains_key("port_t"));
    }

    #[test]
    fn what_is_no_p4info_is_told_where() {
        let said = |bytes: &[u8]| p4info_from_bytes(bytes).unwrap_err().to_string();
        let unknown = said(b"tables {\n  preamble { idd: 7 }\n}");
        assert!(unknown.starts_with("this is no P4Info: line 2, column 14: "), "{unknown}");
        assert!(unknown.contains("idd"), "{unknown}");
        let neither = said(b"\xff\xff\xff");
        assert!(neither.contains("neither text nor a message"), "{neither}");
    }
}
