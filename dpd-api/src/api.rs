//! The operations.

use crate::{ApiError, JsonBody, PathParams, QueryParams, Rendered};
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
    Body, EndpointTagPolicy, HttpResponseDeleted, HttpResponseOk, HttpResponseUpdatedNoContent,
    RequestContext,
};
use http::Response;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Every operation of dpd. A method's name is its operation id.
#[dropshot::api_description {
    tag_config = {
        policy = EndpointTagPolicy::ExactlyOne,
        tags = {
            "groups" = {
                description = "Sets of NAT entries, each with an owner that sends the whole of it"
            },
            "entries" = {
                description = "NAT entries one by one, as clients before version 14.0.0 know them"
            },
            "forwarding" = {
                description = "Ports, routes, neighbours and the underlay address, which packets \
                               need besides NAT entries"
            },
            "tables" = { description = "The tables of the device" },
            "daemon" = { description = "The daemon itself" },
        },
    },
}]
pub trait DpdApi {
    /// What the operations work on.
    type Context;

    /// Ensure that a group has exactly these entries.
    ///
    /// dpd works out what changes, writes only that to the device, and answers with what it did.
    /// All of it takes effect or none. The same request again is a success that writes nothing.
    #[endpoint {
        method = PUT,
        path = "/nat/groups/{group}",
        tags = ["groups"],
        versions = "14.0.0"..,
    }]
    async fn nat_group_ensure(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<GroupPath>,
        query: QueryParams<DryRunQuery>,
        body: JsonBody<EnsureRequest>,
    ) -> Result<HttpResponseOk<EnsureResult>, ApiError>;

    /// Get the status of one group.
    #[endpoint {
        method = GET,
        path = "/nat/groups/{group}",
        tags = ["groups"],
        versions = "14.0.0"..,
    }]
    async fn nat_group_view(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<GroupPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<GroupView>, ApiError>;

    /// Delete a group and all its entries.
    ///
    /// It leaves a tombstone, which refuses every ensure up to and including its generation, so
    /// that a delayed old ensure cannot bring the group back. The same deletion again is a success
    /// that writes nothing; one with a higher generation raises the tombstone.
    #[endpoint {
        method = DELETE,
        path = "/nat/groups/{group}",
        tags = ["groups"],
        versions = "14.0.0"..,
    }]
    async fn nat_group_delete(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<GroupPath>,
        query: QueryParams<DeleteQuery>,
    ) -> Result<HttpResponseOk<EnsureResult>, ApiError>;

    /// List all groups by name.
    #[endpoint { method = GET, path = "/nat/groups", tags = ["groups"], versions = "14.0.0".. }]
    async fn nat_group_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<GroupView>>, ApiError>;

    /// List a group's entries.
    ///
    /// All pages are of the first page's generation, even while writers go on.
    #[endpoint {
        method = GET,
        path = "/nat/groups/{group}/entries",
        tags = ["groups"],
        versions = "14.0.0"..,
    }]
    async fn nat_group_entries(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<GroupPath>,
        query: QueryParams<EntriesQuery>,
    ) -> Result<Rendered<EntriesPage>, ApiError>;

    /// List the generations of a group that are kept, newest first.
    #[endpoint {
        method = GET,
        path = "/nat/groups/{group}/generations",
        tags = ["groups"],
        versions = "14.0.0"..,
    }]
    async fn nat_group_generations(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<GroupPath>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<GenerationInfo>>, ApiError>;

    /// List what changed between two kept generations of a group.
    #[endpoint {
        method = GET,
        path = "/nat/groups/{group}/changes",
        tags = ["groups"],
        versions = "14.0.0"..,
    }]
    async fn nat_group_changes(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<GroupPath>,
        query: QueryParams<ChangesQuery>,
    ) -> Result<Rendered<ChangesPage>, ApiError>;

    /// Compare what the device holds with what it should hold, and mend it.
    ///
    /// All tables are read back. Each difference is named, with the time since which it has been
    /// known. The answer comes once what can be mended is; what is left is tried again later.
    #[endpoint { method = POST, path = "/nat/audit", tags = ["groups"], versions = "14.0.0".. }]
    async fn nat_audit(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<AuditQuery>,
    ) -> Result<Rendered<AuditResult>, ApiError>;

    /// List the external IPv4 addresses that have entries, of any group.
    #[endpoint { method = GET, path = "/nat/ipv4", tags = ["entries"] }]
    async fn nat_ipv4_addresses_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<Ipv4Addr>>, ApiError>;

    /// List the entries of an external IPv4 address, of any group.
    ///
    /// An unknown address has an empty page.
    #[endpoint { method = GET, path = "/nat/ipv4/{ipv4}", tags = ["entries"] }]
    async fn nat_ipv4_list(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv4Path>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<NatEntry>>, ApiError>;

    /// Get the target of the entry that covers an external IPv4 address and a port, of any group.
    #[endpoint { method = GET, path = "/nat/ipv4/{ipv4}/{low}", tags = ["entries"] }]
    async fn nat_ipv4_get(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv4PortPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<NatTarget>, ApiError>;

    /// Add an entry for an external IPv4 address to the group `ungrouped`.
    ///
    /// The identical entry again is a success that changes nothing. Any other overlap is a
    /// conflict.
    #[endpoint { method = PUT, path = "/nat/ipv4/{ipv4}/{low}/{high}", tags = ["entries"] }]
    async fn nat_ipv4_create(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv4RangePath>,
        query: QueryParams<NoQuery>,
        body: JsonBody<NatTarget>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Delete the entry of `ungrouped` that covers an external IPv4 address and a port.
    ///
    /// It is a success if there is none. An entry of another group is a conflict.
    #[endpoint { method = DELETE, path = "/nat/ipv4/{ipv4}/{low}", tags = ["entries"] }]
    async fn nat_ipv4_delete(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv4PortPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// Delete every IPv4 entry of the group `ungrouped`.
    #[endpoint { method = DELETE, path = "/nat/ipv4", tags = ["entries"] }]
    async fn nat_ipv4_reset(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// List the external IPv6 addresses that have entries, of any group.
    #[endpoint { method = GET, path = "/nat/ipv6", tags = ["entries"] }]
    async fn nat_ipv6_addresses_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<Ipv6Addr>>, ApiError>;

    /// List the entries of an external IPv6 address, of any group.
    ///
    /// An unknown address has an empty page.
    #[endpoint { method = GET, path = "/nat/ipv6/{ipv6}", tags = ["entries"] }]
    async fn nat_ipv6_list(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv6Path>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<NatEntry>>, ApiError>;

    /// Get the target of the entry that covers an external IPv6 address and a port, of any group.
    #[endpoint { method = GET, path = "/nat/ipv6/{ipv6}/{low}", tags = ["entries"] }]
    async fn nat_ipv6_get(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv6PortPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<NatTarget>, ApiError>;

    /// Add an entry for an external IPv6 address to the group `ungrouped`.
    ///
    /// The identical entry again is a success that changes nothing. Any other overlap is a
    /// conflict.
    #[endpoint { method = PUT, path = "/nat/ipv6/{ipv6}/{low}/{high}", tags = ["entries"] }]
    async fn nat_ipv6_create(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv6RangePath>,
        query: QueryParams<NoQuery>,
        body: JsonBody<NatTarget>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Delete the entry of `ungrouped` that covers an external IPv6 address and a port.
    ///
    /// It is a success if there is none. An entry of another group is a conflict.
    #[endpoint { method = DELETE, path = "/nat/ipv6/{ipv6}/{low}", tags = ["entries"] }]
    async fn nat_ipv6_delete(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv6PortPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// Delete every IPv6 entry of the group `ungrouped`.
    #[endpoint { method = DELETE, path = "/nat/ipv6", tags = ["entries"] }]
    async fn nat_ipv6_reset(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// Get the generation of the group that the daemon was told to report here.
    ///
    /// 0 if there is no such group.
    #[endpoint { method = GET, path = "/rpw/nat/gen", tags = ["entries"] }]
    async fn nat_generation(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<u64>, ApiError>;

    /// Start a repair pass: mend what diverged between dpd and the device.
    #[endpoint { method = POST, path = "/rpw/nat/trigger", tags = ["entries"] }]
    async fn nat_trigger_update(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<()>, ApiError>;

    /// List the IPv4 neighbours.
    #[endpoint { method = GET, path = "/arp", tags = ["forwarding"] }]
    async fn arp_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<ArpEntry>>, ApiError>;

    /// Add an IPv4 neighbour, or give one that is there another MAC address.
    #[endpoint { method = POST, path = "/arp", tags = ["forwarding"] }]
    async fn arp_create(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
        body: JsonBody<ArpEntry>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Delete every IPv4 neighbour.
    #[endpoint { method = DELETE, path = "/arp", tags = ["forwarding"] }]
    async fn arp_reset(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Get one IPv4 neighbour.
    #[endpoint { method = GET, path = "/arp/{ip}", tags = ["forwarding"] }]
    async fn arp_get(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv4NeighborPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<ArpEntry>, ApiError>;

    /// Delete one IPv4 neighbour.
    #[endpoint { method = DELETE, path = "/arp/{ip}", tags = ["forwarding"] }]
    async fn arp_delete(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv4NeighborPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// List the IPv6 neighbours.
    #[endpoint { method = GET, path = "/ndp", tags = ["forwarding"] }]
    async fn ndp_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<ArpEntry>>, ApiError>;

    /// Add an IPv6 neighbour, or give one that is there another MAC address.
    #[endpoint { method = POST, path = "/ndp", tags = ["forwarding"] }]
    async fn ndp_create(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
        body: JsonBody<ArpEntry>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Delete every IPv6 neighbour.
    #[endpoint { method = DELETE, path = "/ndp", tags = ["forwarding"] }]
    async fn ndp_reset(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Get one IPv6 neighbour.
    #[endpoint { method = GET, path = "/ndp/{ip}", tags = ["forwarding"] }]
    async fn ndp_get(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv6NeighborPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<ArpEntry>, ApiError>;

    /// Delete one IPv6 neighbour.
    #[endpoint { method = DELETE, path = "/ndp/{ip}", tags = ["forwarding"] }]
    async fn ndp_delete(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv6NeighborPath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// List the IPv4 routes.
    #[endpoint { method = GET, path = "/route/ipv4", tags = ["forwarding"] }]
    async fn route_ipv4_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<Ipv4Routes>>, ApiError>;

    /// Route an IPv4 prefix.
    ///
    /// Another target of the prefix is replaced, if `replace` says so, without a moment without a
    /// route; or else it is a conflict. The same target again is a success.
    #[endpoint { method = PUT, path = "/route/ipv4", tags = ["forwarding"] }]
    async fn route_ipv4_set(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv4RouteUpdate>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Add a target for an IPv4 prefix.
    ///
    /// A prefix has one target at most: a second is a conflict, unless `replace` makes it take the
    /// place of the first. The same target again is a success.
    #[endpoint { method = POST, path = "/route/ipv4", tags = ["forwarding"] }]
    async fn route_ipv4_add(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv4RouteUpdate>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Get the targets of an IPv4 prefix: always one.
    #[endpoint { method = GET, path = "/route/ipv4/{cidr}", tags = ["forwarding"] }]
    async fn route_ipv4_get(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv4RoutePath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<RouteTarget>>, ApiError>;

    /// Delete the route of an IPv4 prefix.
    #[endpoint { method = DELETE, path = "/route/ipv4/{cidr}", tags = ["forwarding"] }]
    async fn route_ipv4_delete(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv4RoutePath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// List the IPv6 routes.
    #[endpoint { method = GET, path = "/route/ipv6", tags = ["forwarding"] }]
    async fn route_ipv6_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<Ipv6Routes>>, ApiError>;

    /// Route an IPv6 prefix.
    ///
    /// Another target of the prefix is replaced, if `replace` says so, without a moment without a
    /// route; or else it is a conflict. The same target again is a success.
    #[endpoint { method = PUT, path = "/route/ipv6", tags = ["forwarding"] }]
    async fn route_ipv6_set(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv6RouteUpdate>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Add a target for an IPv6 prefix.
    ///
    /// A prefix has one target at most: a second is a conflict, unless `replace` makes it take the
    /// place of the first. The same target again is a success.
    #[endpoint { method = POST, path = "/route/ipv6", tags = ["forwarding"] }]
    async fn route_ipv6_add(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv6RouteUpdate>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Get the targets of an IPv6 prefix: always one.
    #[endpoint { method = GET, path = "/route/ipv6/{cidr}", tags = ["forwarding"] }]
    async fn route_ipv6_get(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv6RoutePath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<Ipv6Route>>, ApiError>;

    /// Delete the route of an IPv6 prefix.
    #[endpoint { method = DELETE, path = "/route/ipv6/{cidr}", tags = ["forwarding"] }]
    async fn route_ipv6_delete(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<Ipv6RoutePath>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// List the switch's own addresses among the sleds: its underlay address, if it has one.
    #[endpoint { method = GET, path = "/loopback/ipv6", tags = ["forwarding"] }]
    async fn loopback_ipv6_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<Ipv6Entry>>, ApiError>;

    /// Give the switch its underlay address, from which tunnels begin and at which they end.
    ///
    /// It has one at most: another is a conflict.
    #[endpoint { method = POST, path = "/loopback/ipv6", tags = ["forwarding"] }]
    async fn loopback_ipv6_create(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
        body: JsonBody<Ipv6Entry>,
    ) -> Result<HttpResponseUpdatedNoContent, ApiError>;

    /// Take the switch's underlay address away.
    #[endpoint { method = DELETE, path = "/loopback/ipv6/{ipv6}", tags = ["forwarding"] }]
    async fn loopback_ipv6_delete(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<LoopbackIpv6Path>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseDeleted, ApiError>;

    /// List the ports by number, with what they have counted.
    #[endpoint { method = GET, path = "/ports", tags = ["forwarding"], versions = "14.0.0".. }]
    async fn port_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<PageQuery>,
    ) -> Result<Rendered<Page<PortView>>, ApiError>;

    /// List how many packets were dropped for each reason.
    ///
    /// Empty if the device forwards no packets.
    #[endpoint { method = GET, path = "/drops", tags = ["forwarding"], versions = "14.0.0".. }]
    async fn drop_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<DropCounter>>, ApiError>;

    /// Run a packet through the P4 program, and tell what becomes of it.
    ///
    /// Nothing is sent anywhere, and nothing is counted unless `count` says so. A device that does
    /// not run the program itself cannot tell.
    #[endpoint { method = POST, path = "/packet/trace", tags = ["forwarding"], versions = "14.0.0".. }]
    async fn packet_trace(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
        body: JsonBody<PacketRequest>,
    ) -> Result<HttpResponseOk<PacketTrace>, ApiError>;

    /// List the names of the device's tables.
    #[endpoint { method = GET, path = "/table", tags = ["tables"] }]
    async fn table_list(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<Vec<String>>, ApiError>;

    /// Get a table's rows.
    #[endpoint { method = GET, path = "/table/{table}/dump", tags = ["tables"] }]
    async fn table_dump(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<TablePath>,
        query: QueryParams<TableDumpQuery>,
    ) -> Result<Rendered<TableDump>, ApiError>;

    /// Get the counters of a table's rows.
    #[endpoint { method = GET, path = "/table/{table}/counters", tags = ["tables"] }]
    async fn table_counters(
        rqctx: RequestContext<Self::Context>,
        path: PathParams<TablePath>,
        query: QueryParams<TableCountersQuery>,
    ) -> Result<Rendered<Vec<TableCounter>>, ApiError>;

    /// Get what is counted and measured, as OpenMetrics text.
    ///
    /// Requests, refusals by code, table writes, times of plans, writes and commits, repairs, findings of
    /// audits; and of now: the rows of the tables by group, each group's accepted and programmed
    /// generation and state, and what the next repair waits for.
    #[endpoint { method = GET, path = "/metrics", tags = ["daemon"], versions = "14.0.0".. }]
    async fn metrics(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<Response<Body>, ApiError>;

    /// Get the daemon's version.
    #[endpoint { method = GET, path = "/dpd-version", tags = ["daemon"] }]
    async fn dpd_version(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<String>, ApiError>;

    /// Get how long the daemon has been running, in seconds.
    #[endpoint { method = GET, path = "/dpd-uptime", tags = ["daemon"] }]
    async fn dpd_uptime(
        rqctx: RequestContext<Self::Context>,
        query: QueryParams<NoQuery>,
    ) -> Result<HttpResponseOk<u64>, ApiError>;
}
