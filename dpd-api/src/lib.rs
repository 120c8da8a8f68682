//! The HTTP interface of dpd.
//!
//! [`DpdApi`] names every operation with its path, what it takes and what it answers; the daemon
//! implements it, and `openapi/dpd.json` is generated from it. What dropshot's own extractors and
//! responses cannot give stands beside it: extractors that hold a refusal instead of answering
//! with one ([`PathParams`], [`QueryParams`], [`JsonBody`]), so that the daemon answers every
//! error in one form, and an answer that was rendered off the reactor ([`Rendered`]).

mod api;
mod version;

mod extract;

mod error;
mod rendered;

mod openapi;

pub use api::{DpdApi, dpd_api_mod};
pub use error::ApiError;
pub use extract::{
    BodyRefusal, JsonBody, ParameterLocation, ParameterProblem, ParameterRefusal, PathParams,
    QueryParams, QueryType,
};
pub use openapi::openapi_document;
pub use rendered::Rendered;
pub use version::{API_VERSION_HEADER, GROUPS, LATEST, version_policy};
