//! Versions of the interface.

use dropshot::{ClientSpecifiesVersionInHeader, VersionPolicy};
use http::HeaderName;
use semver::Version;

/// The request header that selects the version.
pub const API_VERSION_HEADER: HeaderName = HeaderName::from_static("api-version");

/// The version that brought groups. Up to here there were the per-entry operations.
pub const GROUPS: Version = Version::new(14, 0, 0);

/// The latest version.
pub const LATEST: Version = GROUPS;

/// Serves any version up to the latest: the one that the request's [`API_VERSION_HEADER`] names,
/// or the latest if it has none, so that curl just works. A newer or malformed one is refused.
pub fn version_policy() -> VersionPolicy {
    VersionPolicy::Dynamic(Box::new(
        ClientSpecifiesVersionInHeader::new(API_VERSION_HEADER, LATEST).on_missing(LATEST),
    ))
}
