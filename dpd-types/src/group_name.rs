//! The name of a group.

use schemars::JsonSchema;
use schemars::r#gen::SchemaGenerator;
use schemars::schema::{InstanceType, Metadata, Schema, SchemaObject, StringValidation};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a group, as it crosses the wire. Any text can be held here: which are names is
/// judged by dpd, in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupName(pub String);

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for GroupName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<String> for GroupName {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl AsRef<str> for GroupName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for GroupName {
    fn schema_name() -> String {
        "GroupName".to_owned()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        SchemaObject {
            metadata: Some(Box::new(Metadata {
                description: Some(
                    "The name of a group: a lower-case letter, then up to 62 lower-case letters, \
                     digits, `.`, `_`, `:` or `-`. The built-in group `ungrouped` holds what the \
                     per-entry operations made."
                        .to_owned(),
                ),
                ..Metadata::default()
            })),
            instance_type: Some(InstanceType::String.into()),
            string: Some(Box::new(StringValidation {
                pattern: Some("^[a-z][a-z0-9._:-]{0,62}$".to_owned()),
                ..StringValidation::default()
            })),
            ..SchemaObject::default()
        }
        .into()
    }
}
