//! The operations on the daemon itself.

use super::context::{Context, LARGE_ITEMS};
use super::groups::{parameters, render};
use super::problem::Problem;
use crate::{convert, metrics};
use dpd_api::{QueryParams, Rendered};
use dpd_types::{AuditQuery, AuditResult, NoQuery};
use dropshot::Body;
use http::{Response, header};

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

/// Compares the device with what it should hold.
pub(super) async fn audit(
    context: &Context,
    query: QueryParams<AuditQuery>,
) -> Result<Rendered<AuditResult>, Problem> {
    let AuditQuery { repair } = parameters(query)?;
    let audited = context.controller().audit(repair).await.map_err(Problem::Failure)?;
    let is_large = audited.audit.findings.len() > LARGE_ITEMS;
    context.compute(is_large, move || render(&convert::audit_result(&audited))).await
}

/// What is counted and measured, and what there is now.
pub(super) fn metrics(
    context: &Context,
    query: QueryParams<NoQuery>,
) -> Result<Response<Body>, Problem> {
    let NoQuery {} = parameters(query)?;
    let size_rows = context.controller().size_rows();
    let text = context.meters.render(&context.snapshot(), &size_rows);
    let text = text.map_err(|_| Problem::Internal("the metrics have no text"))?;
    let answer = Response::builder().header(header::CONTENT_TYPE, metrics::CONTENT_TYPE);
    answer.body(text.into()).map_err(|_| Problem::Internal("the metrics make no answer"))
}

pub(super) fn version(query: QueryParams<NoQuery>) -> Result<String, Problem> {
    let NoQuery {} = parameters(query)?;
    Ok(env!("CARGO_PKG_VERSION").to_owned())
}

pub(super) fn uptime(context: &Context, query: QueryParams<NoQuery>) -> Result<u64, Problem> {
    let NoQuery {} = parameters(query)?;
    Ok(context.started.elapsed().as_secs())
}
