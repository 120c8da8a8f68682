//! The OpenAPI document.

use crate::dpd_api_mod;
use semver::Version;
use std::io;

/// The OpenAPI document of one version of the interface, as JSON text with a newline at its end.
///
/// # Errors
///
/// If the API trait contradicts itself, which the tests would have found.
pub fn openapi_document(version: Version) -> io::Result<String> {
    let api = dpd_api_mod::stub_api_description().map_err(io::Error::other)?;
    let mut definition = api.openapi("dpd", version);
    definition.description(
        "The NAT entries of a switch. A group names a set of related entries; its owner sends the \
         complete set that should exist, with a generation number, and dpd works out what changes \
         and writes only that to the switch. The `api-version` request header selects the version \
         of this interface; without one it is the latest.",
    );
    let mut text = Vec::new();
    definition.write(&mut text)?;
    let mut text = String::from_utf8(text).map_err(io::Error::other)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
