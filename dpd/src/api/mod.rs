//! The HTTP operations. Each checks what it was given, asks a snapshot or the controller, and answers.

mod context;
mod daemon;
mod entries;
mod groups;
mod page;
mod pins;
mod problem;
mod tables;

pub(crate) use context::{Context, stamp};

use dpd_api::{ApiError, DpdApi, JsonBody, PathParams, QueryParams, Rendered};
use dpd_types::{
    ChangesPage, ChangesQuery, DeleteQuery, DryRunQuery, EnsureRequest, EnsureResult, EntriesPage,
    EntriesQuery, GenerationInfo, GroupPath, GroupView, Ipv4Path, Ipv4PortPath, Ipv4RangePath,
    Ipv6Path, Ipv6PortPath, Ipv6RangePath, NatEntry, NatTarget, NoQuery, Page, PageQuery,
    TableCounter, TableCountersQuery, TableDump, TableDumpQuery, TablePath,
};
use dropshot::{
    HttpResponseDeleted, HttpResponseError as _, HttpResponseOk, HttpResponseUpdatedNoContent,
    RequestContext,
};
use nat_groups::Family;
use problem::Problem;
use slog::{debug, warn};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// The daemon's implementation of the API.
pub(crate) enum Dpd {}

type Rq = RequestContext<Arc<Context>>;

impl DpdApi for Dpd {
    type Context = Arc<Context>;

    async fn nat_group_ensure(
        rqctx: Rq,
        path: PathParams<GroupPath>,
        query: QueryParams<DryRunQuery>,
        body: JsonBody<EnsureRequest>,
    ) -> Result<HttpResponseOk<EnsureResult>, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, groups::ensure(context, id, path, query, body).await).map(HttpResponseOk)
    }

    async fn nat_group_view(
        rqctx: Rq,
        path: PathParams<GroupPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<GroupView>, ApiError> {
        answer(&rqctx, groups::view(rqctx.context(), path, query)).map(HttpResponseOk)
    }

    async fn nat_group_delete(
        rqctx: Rq,
        path: PathParams<GroupPath>,
        query: QueryParams<DeleteQuery>,
    ) -> Result<HttpResponseOk<EnsureResult>, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, groups::delete(context, id, path, query).await).map(HttpResponseOk)
    }

    async fn nat_group_list(
        rqctx: Rq,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<GroupView>>, ApiError> {
        answer(&rqctx, groups::list(rqctx.context(), query).await)
    }

    async fn nat_group_entries(
        rqctx: Rq,
        path: PathParams<GroupPath>,
        query: QueryParams<EntriesQuery>,
    ) -> Result<Rendered<EntriesPage>, ApiError> {
        answer(&rqctx, groups::entries(rqctx.context(), path, query).await)
    }

    async fn nat_group_generations(
        rqctx: Rq,
        path: PathParams<GroupPath>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<GenerationInfo>>, ApiError> {
        answer(&rqctx, groups::generations(rqctx.context(), path, query).await)
    }

    async fn nat_group_changes(
        rqctx: Rq,
        path: PathParams<GroupPath>,
        query: QueryParams<ChangesQuery>,
    ) -> Result<Rendered<ChangesPage>, ApiError> {
        answer(&rqctx, groups::changes(rqctx.context(), path, query).await)
    }

    async fn nat_ipv4_addresses_list(
        rqctx: Rq,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<Ipv4Addr>>, ApiError> {
        answer(&rqctx, entries::addresses(rqctx.context(), Family::V4, ipv4, query).await)
    }

    async fn nat_ipv4_list(
        rqctx: Rq,
        path: PathParams<Ipv4Path>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<NatEntry>>, ApiError> {
        answer(&rqctx, entries::list(rqctx.context(), path, query).await)
    }

    async fn nat_ipv4_get(
        rqctx: Rq,
        path: PathParams<Ipv4PortPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<NatTarget>, ApiError> {
        answer(&rqctx, entries::get(rqctx.context(), path, query)).map(HttpResponseOk)
    }

    async fn nat_ipv4_create(
        rqctx: Rq,
        path: PathParams<Ipv4RangePath>,
        query: QueryParams<NoQuery>,
        body: JsonBody<NatTarget>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, entries::create(context, id, path, query, body).await)
            .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn nat_ipv4_delete(
        rqctx: Rq,
        path: PathParams<Ipv4PortPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, entries::delete(context, id, path, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn nat_ipv4_reset(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, entries::reset(context, id, Family::V4, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn nat_ipv6_addresses_list(
        rqctx: Rq,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<Ipv6Addr>>, ApiError> {
        answer(&rqctx, entries::addresses(rqctx.context(), Family::V6, ipv6, query).await)
    }

    async fn nat_ipv6_list(
        rqctx: Rq,
        path: PathParams<Ipv6Path>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<NatEntry>>, ApiError> {
        answer(&rqctx, entries::list(rqctx.context(), path, query).await)
    }

    async fn nat_ipv6_get(
        rqctx: Rq,
        path: PathParams<Ipv6PortPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<NatTarget>, ApiError> {
        answer(&rqctx, entries::get(rqctx.context(), path, query)).map(HttpResponseOk)
    }

    async fn nat_ipv6_create(
        rqctx: Rq,
        path: PathParams<Ipv6RangePath>,
        query: QueryParams<NoQuery>,
        body: JsonBody<NatTarget>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, entries::create(context, id, path, query, body).await)
            .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn nat_ipv6_delete(
        rqctx: Rq,
        path: PathParams<Ipv6PortPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, entries::delete(context, id, path, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn nat_ipv6_reset(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, entries::reset(context, id, Family::V6, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn nat_generation(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<u64>, ApiError> {
        answer(&rqctx, daemon::generation(rqctx.context(), query)).map(HttpResponseOk)
    }

    async fn nat_trigger_update(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<()>, ApiError> {
        answer(&rqctx, daemon::repair(rqctx.context(), query)).map(HttpResponseOk)
    }

    async fn table_list(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<String>>, ApiError> {
        answer(&rqctx, tables::list(query)).map(HttpResponseOk)
    }

    async fn table_dump(
        rqctx: Rq,
        path: PathParams<TablePath>,
        query: QueryParams<TableDumpQuery>,
    ) -> Result<Rendered<TableDump>, ApiError> {
        answer(&rqctx, tables::dump(rqctx.context(), path, query).await)
    }

    async fn table_counters(
        rqctx: Rq,
        path: PathParams<TablePath>,
        query: QueryParams<TableCountersQuery>,
    ) -> Result<Rendered<Vec<TableCounter>>, ApiError> {
        answer(&rqctx, tables::counters(rqctx.context(), path, query).await)
    }

    async fn dpd_version(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<String>, ApiError> {
        answer(&rqctx, daemon::version(query)).map(HttpResponseOk)
    }

    async fn dpd_uptime(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<u64>, ApiError> {
        answer(&rqctx, daemon::uptime(rqctx.context(), query)).map(HttpResponseOk)
    }
}

/// The answer to a request, with its failure told in the form that all operations share.
fn answer<T>(rqctx: &Rq, result: Result<T, Problem>) -> Result<T, ApiError> {
    result.map_err(|problem| {
        let error = problem.answer(&rqctx.request_id);
        let (log, status) = (&rqctx.context().log, error.status_code().as_u16());
        let operation = rqctx.endpoint.operation_id.clone();
        if status >= 500 {
            warn!(log, "request failed"; "request_id" => &rqctx.request_id, "status" => status,
                "operation" => operation, "error" => %error);
        } else {
            debug!(log, "request refused"; "request_id" => &rqctx.request_id, "status" => status,
                "operation" => operation, "error" => %error);
        }
        error
    })
}

fn ipv4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

fn ipv6(address: IpAddr) -> Option<Ipv6Addr> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(address),
    }
}
