//! The operations on the daemon itself.

use super::context::Context;
use super::groups::parameters;
use super::problem::Problem;
use dpd_api::QueryParams;
use dpd_types::NoQuery;

/// The generation of the group that was named for this; 0 if there is none.
pub(super) fn generation(context: &Context, query: QueryParams<NoQuery>) -> Result<u64, Problem> {
    let NoQuery {} = parameters(query)?;
    let snapshot = context.snapshot();
    let group = snapshot.store.group(&context.rpw_group);
    Ok(group.map_or(0, |group| group.current().generation.get()))
}

/// Starts a repair pass.
pub(super) fn repair(context: &Context, query: QueryParams<NoQuery>) -> Result<(), Problem> {
    let NoQuery {} = parameters(query)?;
    context.controller().repair();
    Ok(())
}

pub(super) fn version(query: QueryParams<NoQuery>) -> Result<String, Problem> {
    let NoQuery {} = parameters(query)?;
    Ok(env!("CARGO_PKG_VERSION").to_owned())
}

pub(super) fn uptime(context: &Context, query: QueryParams<NoQuery>) -> Result<u64, Problem> {
    let NoQuery {} = parameters(query)?;
    Ok(context.started.elapsed().as_secs())
}
