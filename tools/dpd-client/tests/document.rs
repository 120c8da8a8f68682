//! The types of `dpd_types` take the place of every type that the OpenAPI document names.

#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::Value;
use std::collections::BTreeSet;

/// A name that the document lacks would replace nothing, and nobody would say so.
#[test]
fn each_schema_of_the_document_has_its_type_and_each_type_its_schema() {
    let document: Value = serde_json::from_str(include_str!("../../../openapi/dpd.json")).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    // The generator writes the first letter large.
    let schemas: BTreeSet<String> = schemas.keys().map(|name| capitalised(name)).collect();
    let source = include_str!("../src/generated.rs");
    let (_, replacements) = source.split_once("replace = {").unwrap();
    let replaced: BTreeSet<String> = replacements
        .lines()
        .filter_map(|line| line.trim().split_once(" = "))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(replaced, schemas);
}

fn capitalised(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}
