//! The HTTP operations. Each checks what it was given, asks a snapshot or the controller, and answers.

mod context;
mod daemon;
mod entries;
mod forwarding;
mod groups;
mod packet;
mod page;
mod pins;
mod problem;
mod tables;

pub(crate) use context::{Context, stamp};

use crate::convert;
use dpd_api::{ApiError, DpdApi, JsonBody, PathParams, QueryParams, Rendered};
use dpd_types::{
    ArpEntry, AuditQuery, AuditResult, ChangesPage, ChangesQuery, DeleteQuery, DropCounter,
    DryRunQuery, EnsureRequest, EnsureResult, EntriesPage, EntriesQuery, GenerationInfo, GroupPath,
    GroupView, Ipv4NeighborPath, Ipv4Path, Ipv4PortPath, Ipv4RangePath, Ipv4RoutePath,
    Ipv4RouteUpdate, Ipv4Routes, Ipv6Entry, Ipv6NeighborPath, Ipv6Path, Ipv6PortPath,
    Ipv6RangePath, Ipv6Route, Ipv6RoutePath, Ipv6RouteUpdate, Ipv6Routes, LoopbackIpv6Path,
    NatEntry, NatTarget, NoQuery, PacketRequest, PacketTrace, Page, PageQuery, PortView,
    RouteTarget, TableCounter, TableCountersQuery, TableDump, TableDumpQuery, TablePath,
};
use dropshot::{
    Body, HttpResponseDeleted, HttpResponseError as _, HttpResponseOk,
    HttpResponseUpdatedNoContent, RequestContext,
};
use http::Response;
use nat_groups::Family;
use oxnet::IpNet;
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

    async fn nat_audit(
        rqctx: Rq,
        query: QueryParams<AuditQuery>,
    ) -> Result<Rendered<AuditResult>, ApiError> {
        answer(&rqctx, daemon::audit(rqctx.context(), query).await)
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

    async fn arp_list(
        rqctx: Rq,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<ArpEntry>>, ApiError> {
        answer(&rqctx, forwarding::neighbors(rqctx.context(), Family::V4, query).await)
    }

    async fn arp_create(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
        body: JsonBody<ArpEntry>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::put_neighbor(context, id, Family::V4, query, body).await)
            .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn arp_reset(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::reset_neighbors(context, id, Family::V4, query).await)
            .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn arp_get(
        rqctx: Rq,
        path: PathParams<Ipv4NeighborPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<ArpEntry>, ApiError> {
        answer(&rqctx, forwarding::neighbor(rqctx.context(), path, query)).map(HttpResponseOk)
    }

    async fn arp_delete(
        rqctx: Rq,
        path: PathParams<Ipv4NeighborPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::delete_neighbor(context, id, path, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn ndp_list(
        rqctx: Rq,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<ArpEntry>>, ApiError> {
        answer(&rqctx, forwarding::neighbors(rqctx.context(), Family::V6, query).await)
    }

    async fn ndp_create(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
        body: JsonBody<ArpEntry>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::put_neighbor(context, id, Family::V6, query, body).await)
            .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn ndp_reset(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::reset_neighbors(context, id, Family::V6, query).await)
            .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn ndp_get(
        rqctx: Rq,
        path: PathParams<Ipv6NeighborPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<ArpEntry>, ApiError> {
        answer(&rqctx, forwarding::neighbor(rqctx.context(), path, query)).map(HttpResponseOk)
    }

    async fn ndp_delete(
        rqctx: Rq,
        path: PathParams<Ipv6NeighborPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::delete_neighbor(context, id, path, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn route_ipv4_list(
        rqctx: Rq,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<Ipv4Routes>>, ApiError> {
        answer(&rqctx, forwarding::routes(rqctx.context(), convert::ipv4_routes, query).await)
    }

    async fn route_ipv4_set(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv4RouteUpdate>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(
            &rqctx,
            forwarding::set_route(context, id, convert::set_ipv4_route, query, body).await,
        )
        .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn route_ipv4_add(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv4RouteUpdate>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(
            &rqctx,
            forwarding::set_route(context, id, convert::set_ipv4_route, query, body).await,
        )
        .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn route_ipv4_get(
        rqctx: Rq,
        path: PathParams<Ipv4RoutePath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<RouteTarget>>, ApiError> {
        answer(
            &rqctx,
            forwarding::route(rqctx.context(), path, ipv4_cidr, convert::ipv4_routes, query),
        )
        .map(|routes| HttpResponseOk(routes.targets))
    }

    async fn route_ipv4_delete(
        rqctx: Rq,
        path: PathParams<Ipv4RoutePath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::delete_route(context, id, path, ipv4_cidr, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn route_ipv6_list(
        rqctx: Rq,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<Ipv6Routes>>, ApiError> {
        answer(&rqctx, forwarding::routes(rqctx.context(), convert::ipv6_routes, query).await)
    }

    async fn route_ipv6_set(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv6RouteUpdate>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(
            &rqctx,
            forwarding::set_route(context, id, convert::set_ipv6_route, query, body).await,
        )
        .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn route_ipv6_add(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv6RouteUpdate>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(
            &rqctx,
            forwarding::set_route(context, id, convert::set_ipv6_route, query, body).await,
        )
        .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn route_ipv6_get(
        rqctx: Rq,
        path: PathParams<Ipv6RoutePath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<Ipv6Route>>, ApiError> {
        answer(
            &rqctx,
            forwarding::route(rqctx.context(), path, ipv6_cidr, convert::ipv6_routes, query),
        )
        .map(|routes| HttpResponseOk(routes.targets))
    }

    async fn route_ipv6_delete(
        rqctx: Rq,
        path: PathParams<Ipv6RoutePath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::delete_route(context, id, path, ipv6_cidr, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn loopback_ipv6_list(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<Ipv6Entry>>, ApiError> {
        answer(&rqctx, forwarding::underlay(rqctx.context(), query)).map(HttpResponseOk)
    }

    async fn loopback_ipv6_create(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv6Entry>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::add_underlay(context, id, query, body).await)
            .map(|()| HttpResponseUpdatedNoContent())
    }

    async fn loopback_ipv6_delete(
        rqctx: Rq,
        path: PathParams<LoopbackIpv6Path>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError> {
        let (context, id) = (rqctx.context(), rqctx.request_id.as_str());
        answer(&rqctx, forwarding::delete_underlay(context, id, path, query).await)
            .map(|()| HttpResponseDeleted())
    }

    async fn port_list(
        rqctx: Rq,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<PortView>>, ApiError> {
        answer(&rqctx, forwarding::ports(rqctx.context(), query).await)
    }

    async fn drop_list(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<DropCounter>>, ApiError> {
        answer(&rqctx, forwarding::drops(rqctx.context(), query).await).map(HttpResponseOk)
    }

    async fn packet_trace(
        rqctx: Rq,
        query: QueryParams<NoQuery>,
        body: JsonBody<PacketRequest>,
    ) -> Result<HttpResponseOk<PacketTrace>, ApiError> {
        answer(&rqctx, packet::trace(rqctx.context(), query, body).await).map(HttpResponseOk)
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

    async fn metrics(rqctx: Rq, query: QueryParams<NoQuery>) -> Result<Response<Body>, ApiError> {
        answer(&rqctx, daemon::metrics(rqctx.context(), query))
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
    let (meters, operation) = (&rqctx.context().meters, &rqctx.endpoint.operation_id);
    if result.is_ok() {
        meters.answered(operation, 200);
    }
    result.map_err(|problem| {
        let error = problem.answer(&rqctx.request_id);
        let (log, status) = (&rqctx.context().log, error.status_code().as_u16());
        meters.answered(operation, status);
        if let Some(code) = &error.body().error_code {
            meters.refused(code);
        }
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

fn ipv4_cidr(Ipv4RoutePath { cidr }: Ipv4RoutePath) -> IpNet {
    cidr.into()
}

fn ipv6_cidr(Ipv6RoutePath { cidr }: Ipv6RoutePath) -> IpNet {
    cidr.into()
}
