//! Extractors that never fail: each holds the value or the refusal.
//!
//! dropshot answers a failed extraction itself, without a code, a request id or the right status.
//! These let the handler answer instead, and delegate their schema to dropshot's.

mod body;
mod body_refusal;
mod parameter_refusal;
mod path;
mod query;
mod read;
mod text;

pub use body::JsonBody;
pub use body_refusal::BodyRefusal;
pub use parameter_refusal::{ParameterLocation, ParameterProblem, ParameterRefusal};
pub use path::PathParams;
pub use query::{QueryParams, QueryType};
