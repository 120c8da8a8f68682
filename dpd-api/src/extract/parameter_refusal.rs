//! What can be wrong with the path or the query.

use std::fmt;

/// Why a parameter of the path or of the query was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRefusal {
    /// Where the parameter stands.
    pub location: ParameterLocation,
    /// The parameter.
    pub parameter: String,
    /// What is wrong with it.
    pub problem: ParameterProblem,
    /// The parameters that the operation knows there.
    pub known: &'static [&'static str],
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterLocation {
    /// In the path.
    Path,
    /// In the query, behind the question mark.
    Query,
}

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterProblem {
    /// The value is not what it should be.
    Malformed {
        /// The value.
        value: String,
        /// What is wrong with it, or what would be right.
        reason: String,
    },
    /// The operation does not know it.
    Unknown,
    /// It was given more than once.
    Repeated,
    /// It is required and was not given.
    Missing,
    /// It was given beside a page token, which settles it.
    BesidePageToken,
}

impl fmt::Display for ParameterRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, parameter, problem, known } = self;
        match problem {
            ParameterProblem::Malformed { value, reason } => {
                write!(f, "{location} parameter `{parameter}` is {value:?}: {reason}")?;
            }
            ParameterProblem::Unknown => write!(f, "unknown {location} parameter `{parameter}`")?,
            ParameterProblem::Repeated => {
                write!(f, "{location} parameter `{parameter}` is given more than once")?;
            }
            ParameterProblem::Missing => {
                write!(f, "{location} parameter `{parameter}` is required")?;
            }
            ParameterProblem::BesidePageToken => write!(
                f,
                "{location} parameter `{parameter}` cannot stand beside `page_token`, which goes \
                 on with what the first page was asked for; only `limit` can"
            )?,
        }
        match (location, known) {
            // The path shows its parameters by itself.
            (ParameterLocation::Path, _) => Ok(()),
            (ParameterLocation::Query, []) => f.write_str("; this operation takes none"),
            (ParameterLocation::Query, known) => {
                write!(f, "; this operation takes `{}`", known.join("`, `"))
            }
        }
    }
}

impl std::error::Error for ParameterRefusal {}

impl fmt::Display for ParameterLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Path => "path",
            Self::Query => "query",
        })
    }
}
