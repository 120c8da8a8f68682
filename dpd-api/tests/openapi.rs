//! The OpenAPI document in `openapi/dpd.json` is what the API trait says, and is fit to be read by
//! people and by client generators.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use dpd_api::{LATEST, openapi_document};
use openapiv3::{OpenAPI, Operation, Parameter, ReferenceOr, Schema, SchemaKind, Type};
use semver::Version;
use std::collections::BTreeSet;

/// The operations of versions before groups.
const BEFORE_GROUPS: [&str; 42] = [
    "arp_create",
    "arp_delete",
    "arp_get",
    "arp_list",
    "arp_reset",
    "dpd_uptime",
    "dpd_version",
    "loopback_ipv6_create",
    "loopback_ipv6_delete",
    "loopback_ipv6_list",
    "nat_generation",
    "nat_ipv4_addresses_list",
    "nat_ipv4_create",
    "nat_ipv4_delete",
    "nat_ipv4_get",
    "nat_ipv4_list",
    "nat_ipv4_reset",
    "nat_ipv6_addresses_list",
    "nat_ipv6_create",
    "nat_ipv6_delete",
    "nat_ipv6_get",
    "nat_ipv6_list",
    "nat_ipv6_reset",
    "nat_trigger_update",
    "ndp_create",
    "ndp_delete",
    "ndp_get",
    "ndp_list",
    "ndp_reset",
    "route_ipv4_add",
    "route_ipv4_delete",
    "route_ipv4_get",
    "route_ipv4_list",
    "route_ipv4_set",
    "route_ipv6_add",
    "route_ipv6_delete",
    "route_ipv6_get",
    "route_ipv6_list",
    "route_ipv6_set",
    "table_counters",
    "table_dump",
    "table_list",
];

/// The operations that came with groups, or with this daemon.
const GROUPS: [&str; 12] = [
    "drop_list",
    "metrics",
    "nat_audit",
    "nat_group_changes",
    "nat_group_delete",
    "nat_group_ensure",
    "nat_group_entries",
    "nat_group_generations",
    "nat_group_list",
    "nat_group_view",
    "packet_trace",
    "port_list",
];

fn document(version: Version) -> OpenAPI {
    serde_json::from_str(&openapi_document(version).unwrap()).unwrap()
}

fn operation_ids(document: &OpenAPI) -> BTreeSet<&str> {
    document.operations().map(|(_, _, operation)| id(operation)).collect()
}

fn id(operation: &Operation) -> &str {
    operation.operation_id.as_deref().unwrap()
}

/// Set `EXPECTORATE=overwrite` to bring the file up to date.
#[test]
fn the_checked_in_document_is_what_the_trait_says() {
    expectorate::assert_contents("../openapi/dpd.json", &openapi_document(LATEST).unwrap());
}

#[test]
fn the_operations_are_those_of_the_contract() {
    let all = BEFORE_GROUPS.iter().chain(&GROUPS).copied().collect();
    assert_eq!(operation_ids(&document(LATEST)), all);
}

#[test]
fn versions_before_groups_have_the_per_entry_operations_alone() {
    let before = document(Version::new(13, 0, 0));
    assert_eq!(operation_ids(&before), BEFORE_GROUPS.into_iter().collect());
    let schemas = before.components.unwrap().schemas;
    assert!(!schemas.keys().any(|name| name.starts_with("Ensure")));
}

#[test]
fn everything_is_described() {
    let document = document(LATEST);
    for (_, _, operation) in document.operations() {
        let summary = operation.summary.as_deref().unwrap_or_default();
        assert!(!summary.is_empty(), "{}", id(operation));
        for parameter in &operation.parameters {
            let data = parameter.as_item().unwrap().parameter_data_ref();
            assert!(data.description.is_some(), "{}: {}", id(operation), data.name);
        }
    }
    for (name, schema) in &document.components.as_ref().unwrap().schemas {
        let schema = schema.as_item().unwrap();
        assert!(schema.schema_data.description.is_some(), "{name}");
        for_each_property(schema, &mut |property, described| {
            assert!(described, "{name}: {property}");
        });
    }
}

/// Client generators make a stream of an operation that is marked as paginated, has no required
/// query parameter, and answers with exactly `items` and `next_page`.
#[test]
fn lists_are_fit_to_be_streamed() {
    let document = document(LATEST);
    let schemas = &document.components.as_ref().unwrap().schemas;
    let mut streams = BTreeSet::new();
    let mut paginated = BTreeSet::new();
    for (_, _, operation) in document.operations() {
        if !operation.extensions.contains_key("x-dropshot-pagination") {
            continue;
        }
        paginated.insert(id(operation));
        for parameter in &operation.parameters {
            if let Parameter::Query { parameter_data, .. } = parameter.as_item().unwrap() {
                assert!(!parameter_data.required, "{}", id(operation));
            }
        }
        let page = schemas[answer_name(operation)].as_item().unwrap();
        let SchemaKind::Type(Type::Object(page)) = &page.schema_kind else {
            panic!("{} answers with no object", id(operation));
        };
        assert!(page.properties.contains_key("items"), "{}", id(operation));
        assert!(page.properties.contains_key("next_page"), "{}", id(operation));
        if page.properties.len() == 2 {
            streams.insert(id(operation));
        }
    }
    let lists = [
        "arp_list",
        "nat_group_generations",
        "nat_group_list",
        "nat_ipv4_addresses_list",
        "nat_ipv4_list",
        "nat_ipv6_addresses_list",
        "nat_ipv6_list",
        "ndp_list",
        "port_list",
        "route_ipv4_list",
        "route_ipv6_list",
    ];
    assert_eq!(streams, lists.into_iter().collect());
    let pages = lists.into_iter().chain(["nat_group_changes", "nat_group_entries"]);
    assert_eq!(paginated, pages.collect());
}

#[test]
fn a_generation_is_an_integer_within_its_bounds() {
    let document = document(LATEST);
    let schema = document.components.unwrap().schemas["Generation"].clone().into_item().unwrap();
    let SchemaKind::Type(Type::Integer(integer)) = schema.schema_kind else {
        panic!("a generation is no integer");
    };
    assert_eq!((integer.minimum, integer.maximum), (Some(1), Some(i64::MAX)));
}

#[test]
fn every_operation_has_the_one_error_type() {
    let document = document(LATEST);
    for (_, _, operation) in document.operations() {
        for (status, response) in &operation.responses.responses {
            let error = status.to_string().starts_with(['4', '5']);
            let reference = matches!(
                response,
                ReferenceOr::Reference { reference } if reference == "#/components/responses/Error"
            );
            assert_eq!(error, reference, "{} {status}", id(operation));
        }
    }
}

/// The name of the schema that an operation answers with.
fn answer_name(operation: &Operation) -> &str {
    let response = operation.responses.responses[&openapiv3::StatusCode::Code(200)].as_item();
    let schema = response.unwrap().content["application/json"].schema.as_ref().unwrap();
    let ReferenceOr::Reference { reference } = schema else {
        panic!("{} answers with a schema that has no name", id(operation));
    };
    reference.strip_prefix("#/components/schemas/").unwrap()
}

/// Calls `check` with each property's name and whether it is described, at any depth.
fn for_each_property(schema: &Schema, check: &mut impl FnMut(&str, bool)) {
    match &schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for (name, property) in &object.properties {
                let described = match property {
                    ReferenceOr::Reference { .. } => false,
                    ReferenceOr::Item(property) => {
                        for_each_property(property, check);
                        property.schema_data.description.is_some()
                    }
                };
                check(name, described);
            }
        }
        SchemaKind::OneOf { one_of: parts }
        | SchemaKind::AllOf { all_of: parts }
        | SchemaKind::AnyOf { any_of: parts } => {
            for part in parts.iter().filter_map(ReferenceOr::as_item) {
                // Each of several alternatives must be described like a property.
                check("an alternative", part.schema_data.description.is_some());
            }
        }
        _ => {}
    }
}
