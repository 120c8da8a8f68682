//! Generation numbers, as a client chooses them.

use schemars::JsonSchema;
use schemars::r#gen::SchemaGenerator;
use schemars::schema::{InstanceType, Metadata, NumberValidation, Schema, SchemaObject};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The number of a group's set, 1 to 2^63-1, chosen by the client. A newer set has a greater one.
///
/// Requests hold this type. Answers hold plain integers: what dpd says needs no checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Generation(u64);

impl Generation {
    /// The least generation.
    pub const MIN: Generation = Generation(1);
    /// The greatest generation, 2^63-1, which fits in a signed integer everywhere.
    pub const MAX: Generation = Generation(i64::MAX as u64);

    /// Its number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Generation {
    type Error = GenerationOutOfRange;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        if (Self::MIN.0..=Self::MAX.0).contains(&number) {
            Ok(Self(number))
        } else {
            Err(GenerationOutOfRange)
        }
    }
}

impl From<Generation> for u64 {
    fn from(generation: Generation) -> Self {
        generation.0
    }
}

impl FromStr for Generation {
    type Err = GenerationOutOfRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<u64>().map_err(|_| GenerationOutOfRange)?.try_into()
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Generation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(Number)
    }
}

impl JsonSchema for Generation {
    fn schema_name() -> String {
        "Generation".to_owned()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        SchemaObject {
            metadata: Some(Box::new(Metadata {
                description: Some(
                    "The number of a group's set, 1 to 2^63-1, chosen by the client. A newer set \
                     has a greater one."
                        .to_owned(),
                ),
                ..Metadata::default()
            })),
            instance_type: Some(InstanceType::Integer.into()),
            format: Some("uint64".to_owned()),
            number: Some(Box::new(NumberValidation {
                minimum: Some(1.0),
                // As a float this is 2^63; the OpenAPI document's integer saturates to 2^63-1.
                maximum: Some(i64::MAX as f64),
                ..NumberValidation::default()
            })),
            ..SchemaObject::default()
        }
        .into()
    }
}

/// A number that is no generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a generation is an integer from 1 to 9223372036854775807 (2^63-1)")]
pub struct GenerationOutOfRange;

/// Reads a generation from an integer of any size, so that each wrong one is refused in the same
/// words.
struct Number;

impl serde::de::Visitor<'_> for Number {
    type Value = Generation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a generation, which is an integer from 1 to 9223372036854775807 (2^63-1)")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Generation, E> {
        Generation::try_from(number)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Generation, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(serde::de::Unexpected::Signed(number), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1", 1)]
    #[case("9223372036854775807", 9_223_372_036_854_775_807)]
    fn a_generation_is_a_plain_integer_on_the_wire(#[case] text: &str, #[case] number: u64) {
        let generation: Generation = serde_json::from_str(text).unwrap();
        assert_eq!(generation.get(), number);
        assert_eq!(serde_json::to_string(&generation).unwrap(), text);
        assert_eq!(text.parse(), Ok(generation));
    }

    #[rstest]
    #[case::zero("0")]
    #[case::negative("-1")]
    #[case::one_too_many("9223372036854775808")]
    #[case::more_than_64_bits("99999999999999999999")]
    #[case::fraction("1.5")]
    #[case::text("\"7\"")]
    #[case::null("null")]
    fn any_other_is_refused_in_words(#[case] text: &str) {
        let refused = serde_json::from_str::<Generation>(text).unwrap_err().to_string();
        assert!(refused.contains("an integer from 1 to 9223372036854775807"), "{refused}");
        assert_eq!(text.parse::<Generation>(), Err(GenerationOutOfRange));
    }
}
