//! The fingerprint of a set.

use schemars::JsonSchema;
use schemars::r#gen::SchemaGenerator;
use schemars::schema::{InstanceType, Metadata, Schema, SchemaObject, StringValidation};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The fingerprint of a group's set: 256 bits, independent of the order of its entries. On the
/// wire and in text it is 64 lower-case hex digits.
///
/// It is the sum modulo 2^256 of the SHA-256 of each entry's canonical bytes, read and shown in
/// little-endian order, so an empty set is 64 zeros. Two honest parties that have the same digest
/// have the same set; it is no defence against someone who forges sets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(InvalidDigest);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return Err(InvalidDigest) };
            *byte = (nibble(*high)? << 4) | nibble(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(HexDigits)
    }
}

impl JsonSchema for Digest {
    fn schema_name() -> String {
        "Digest".to_owned()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        SchemaObject {
            metadata: Some(Box::new(Metadata {
                description: Some(
                    "The fingerprint of a group's set, independent of the order of its entries: \
                     the SHA-256 of each entry's canonical bytes, read as a little-endian 256-bit \
                     integer, added modulo 2^256 over the set, as the 64 hex digits of the \
                     little-endian bytes. An empty set is 64 zeros. Canonical bytes: family (1 \
                     byte, 4 or 6), external (16 bytes; IPv4 in the last 4, the rest zero), low \
                     and high (2 bytes each, big-endian), internal_ip (16), inner_mac (6), vni \
                     (4, big-endian)."
                        .to_owned(),
                ),
                ..Metadata::default()
            })),
            instance_type: Some(InstanceType::String.into()),
            string: Some(Box::new(StringValidation {
                pattern: Some("^[0-9a-f]{64}$".to_owned()),
                ..StringValidation::default()
            })),
            ..SchemaObject::default()
        }
        .into()
    }
}

/// A text that is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a digest is 64 lower-case hex digits")]
pub struct InvalidDigest;

/// Reads a digest without copying its text.
struct HexDigits;

impl serde::de::Visitor<'_> for HexDigits {
    type Value = Digest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest of 64 lower-case hex digits")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Digest, E> {
        text.parse().map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

fn nibble(digit: u8) -> Result<u8, InvalidDigest> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(InvalidDigest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn a_digest_is_64_hex_digits_in_byte_order() {
        let mut bytes = [0; 32];
        bytes[0] = 0xfe;
        bytes[31] = 0x01;
        let text = format!("\"fe{}01\"", "0".repeat(60));
        assert_eq!(serde_json::to_string(&Digest(bytes)).unwrap(), text);
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), Digest(bytes));
    }

    #[rstest]
    #[case::short("0".repeat(63))]
    #[case::long("0".repeat(65))]
    #[case::upper_case("A".repeat(64))]
    #[case::not_hex("g".repeat(64))]
    #[case::two_byte_letters("é".repeat(32))]
    fn what_is_no_digest_is_refused(#[case] text: String) {
        assert_eq!(text.parse::<Digest>(), Err(InvalidDigest));
    }
}
