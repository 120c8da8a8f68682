//! The operations on routes, neighbours, the underlay address and ports. Both families share each.

use super::context::{Context, LARGE_ITEMS, stamp};
use super::entries::value;
use super::groups::{next_page, parameters, render};
use super::page::{PageToken, page_limit, take_page};
use super::problem::Problem;
use crate::convert::{self, InvalidForwardingRequest};
use crate::forwarding::{Command, Forwarding, Port, PortNumber, Refusal, Route};
use dpd_api::{JsonBody, PathParams, QueryParams, Rendered};
use dpd_types::{
    ArpEntry, DropCounter, Ipv6Entry, LoopbackIpv6Path, NoQuery, Page, PageQuery, PortView,
};
use nat_groups::Family;
use oxnet::IpNet;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::iter::repeat;
use std::net::IpAddr;

/// A page of the neighbours of a family.
pub(super) async fn neighbors(
    context: &Context,
    family: Family,
    query: QueryParams<PageQuery>,
) -> Result<Rendered<Page<ArpEntry>>, Problem> {
    let PageQuery { limit, page_token } = parameters(query)?;
    let after = match page_token.as_deref().map(PageToken::decode).transpose()? {
        None => None,
        Some(PageToken::Neighbors { after }) if is_of(family, after) => Some(after),
        Some(_) => return Err(Problem::PageToken),
    };
    let limit = page_limit(limit);
    let forwarding = context.snapshot().forwarding.clone();
    context
        .compute(limit.min(forwarding.neighbors().count()) > LARGE_ITEMS, move || {
            let neighbors = forwarding.neighbors().filter(|(address, _)| {
                is_of(family, *address) && after.is_none_or(|after| after < *address)
            });
            let (neighbors, more) = take_page(neighbors, limit);
            let token = neighbors.last().map(|(after, _)| PageToken::Neighbors { after: *after });
            let next_page = next_page(more, token)?;
            let items = neighbors
                .into_iter()
                .map(|(address, neighbor)| convert::arp_entry(address, neighbor));
            render(&Page { items: items.collect(), next_page })
        })
        .await
}

/// One neighbour.
pub(super) fn neighbor<P>(
    context: &Context,
    path: PathParams<P>,
    query: QueryParams<NoQuery>,
) -> Result<ArpEntry, Problem>
where
    IpAddr: From<P>,
{
    let address = IpAddr::from(value(path)?);
    let NoQuery {} = parameters(query)?;
    let forwarding = &context.snapshot().forwarding;
    let neighbor = forwarding.neighbor(address).ok_or(Refusal::NoSuchNeighbor { address })?;
    Ok(convert::arp_entry(address, neighbor))
}

/// Adds a neighbour, or changes one.
pub(super) async fn put_neighbor(
    context: &Context,
    request_id: &str,
    family: Family,
    query: QueryParams<NoQuery>,
    body: JsonBody<ArpEntry>,
) -> Result<(), Problem> {
    let NoQuery {} = parameters(query)?;
    let entry = body.parse().map_err(Problem::Body)?;
    let command = convert::put_neighbor(family, entry).map_err(Problem::ForwardingRequest)?;
    change(context, request_id, command).await
}

/// Deletes a neighbour.
pub(super) async fn delete_neighbor<P>(
    context: &Context,
    request_id: &str,
    path: PathParams<P>,
    query: QueryParams<NoQuery>,
) -> Result<(), Problem>
where
    IpAddr: From<P>,
{
    let address = IpAddr::from(value(path)?);
    let NoQuery {} = parameters(query)?;
    change(context, request_id, Command::DeleteNeighbor { address }).await
}

/// Deletes every neighbour of a family.
pub(super) async fn reset_neighbors(
    context: &Context,
    request_id: &str,
    family: Family,
    query: QueryParams<NoQuery>,
) -> Result<(), Problem> {
    let NoQuery {} = parameters(query)?;
    change(context, request_id, Command::ResetNeighbors(family)).await
}

/// A page of the routes of a family; `of_family` is a route as that family writes it.
pub(super) async fn routes<R>(
    context: &Context,
    of_family: fn(IpNet, &Route, &Port) -> Option<R>,
    query: QueryParams<PageQuery>,
) -> Result<Rendered<Page<R>>, Problem>
where
    R: Serialize + JsonSchema + Send + Sync + 'static,
{
    let PageQuery { limit, page_token } = parameters(query)?;
    let after = match page_token.as_deref().map(PageToken::decode).transpose()? {
        None => None,
        Some(PageToken::Routes { after }) => Some(after),
        Some(_) => return Err(Problem::PageToken),
    };
    let limit = page_limit(limit);
    let forwarding = context.snapshot().forwarding.clone();
    context
        .compute(limit.min(forwarding.routes().count()) > LARGE_ITEMS, move || {
            let routes = forwarding
                .routes()
                .filter(|(cidr, _)| after.is_none_or(|after| after < *cidr))
                .filter_map(|(cidr, route)| {
                    Some((cidr, of_family(cidr, route, forwarding.port(route.port)?)?))
                });
            let (routes, more) = take_page(routes, limit);
            let token = routes.last().map(|(after, _)| PageToken::Routes { after: *after });
            let next_page = next_page(more, token)?;
            render(&Page { items: routes.into_iter().map(|(_, route)| route).collect(), next_page })
        })
        .await
}

/// The targets of a prefix, as `of_family` writes them.
pub(super) fn route<P, R>(
    context: &Context,
    path: PathParams<P>,
    cidr: fn(P) -> IpNet,
    of_family: fn(IpNet, &Route, &Port) -> Option<R>,
    query: QueryParams<NoQuery>,
) -> Result<R, Problem> {
    let cidr = cidr(value(path)?);
    let NoQuery {} = parameters(query)?;
    let forwarding = &context.snapshot().forwarding;
    let written = forwarding
        .route(cidr)
        .and_then(|route| of_family(cidr, route, forwarding.port(route.port)?));
    Ok(written.ok_or(Refusal::NoSuchRoute { cidr })?)
}

/// Routes a prefix.
pub(super) async fn set_route<U: DeserializeOwned + JsonSchema + Send + Sync + 'static>(
    context: &Context,
    request_id: &str,
    command: fn(&Forwarding, U) -> Result<Command, InvalidForwardingRequest>,
    query: QueryParams<NoQuery>,
    body: JsonBody<U>,
) -> Result<(), Problem> {
    let NoQuery {} = parameters(query)?;
    let update = body.parse().map_err(Problem::Body)?;
    let forwarding = context.snapshot().forwarding.clone();
    let command = command(&forwarding, update).map_err(Problem::ForwardingRequest)?;
    change(context, request_id, command).await
}

/// Deletes a route.
pub(super) async fn delete_route<P>(
    context: &Context,
    request_id: &str,
    path: PathParams<P>,
    cidr: fn(P) -> IpNet,
    query: QueryParams<NoQuery>,
) -> Result<(), Problem> {
    let cidr = cidr(value(path)?);
    let NoQuery {} = parameters(query)?;
    change(context, request_id, Command::DeleteRoute { cidr }).await
}

/// The switch's own addresses.
pub(super) fn underlay(
    context: &Context,
    query: QueryParams<NoQuery>,
) -> Result<Vec<Ipv6Entry>, Problem> {
    let NoQuery {} = parameters(query)?;
    Ok(context.snapshot().forwarding.underlay().map(convert::underlay).into_iter().collect())
}

/// Gives the switch its underlay address.
pub(super) async fn add_underlay(
    context: &Context,
    request_id: &str,
    query: QueryParams<NoQuery>,
    body: JsonBody<Ipv6Entry>,
) -> Result<(), Problem> {
    let NoQuery {} = parameters(query)?;
    let entry = body.parse().map_err(Problem::Body)?;
    change(context, request_id, convert::add_underlay(entry)).await
}

/// Takes that address away.
pub(super) async fn delete_underlay(
    context: &Context,
    request_id: &str,
    path: PathParams<LoopbackIpv6Path>,
    query: QueryParams<NoQuery>,
) -> Result<(), Problem> {
    let LoopbackIpv6Path { ipv6: address } = value(path)?;
    let NoQuery {} = parameters(query)?;
    change(context, request_id, Command::DeleteUnderlay { address }).await
}

/// A page of the ports.
pub(super) async fn ports(
    context: &Context,
    query: QueryParams<PageQuery>,
) -> Result<Rendered<Page<PortView>>, Problem> {
    let PageQuery { limit, page_token } = parameters(query)?;
    let after = match page_token.as_deref().map(PageToken::decode).transpose()? {
        None => None,
        Some(PageToken::Ports { after }) => Some(after),
        Some(_) => return Err(Problem::PageToken),
    };
    let forwarding = &context.snapshot().forwarding;
    let ports =
        forwarding.ports().filter(|(number, _)| after.is_none_or(|after| after < number.get()));
    let (ports, more) = take_page(ports, page_limit(limit));
    let token = |(number, _): &(PortNumber, _)| PageToken::Ports { after: number.get() };
    let next_page = next_page(more, ports.last().map(token))?;
    let numbers: Vec<PortNumber> = ports.iter().map(|(number, _)| *number).collect();
    let told = context.ask_packets(move |packets| {
        let links = numbers.iter().map(|number| packets.link(*number));
        links.zip(packets.port_counts(&numbers)).collect::<Vec<_>>()
    });
    let told = told.await?.unwrap_or_default().into_iter().map(Some).chain(repeat(None));
    let items = ports.into_iter().zip(told).map(|((number, port), told)| {
        let (link, counters) = told.unwrap_or_default();
        convert::port_view(number, port, link, counters)
    });
    render(&Page { items: items.collect(), next_page })
}

/// How many packets were dropped for each reason.
pub(super) async fn drops(
    context: &Context,
    query: QueryParams<NoQuery>,
) -> Result<Vec<DropCounter>, Problem> {
    let NoQuery {} = parameters(query)?;
    let drops = context.ask_packets(|packets| packets.drops()).await?;
    let drops = drops.transpose().map_err(Problem::Counters)?.unwrap_or_default();
    Ok(drops.into_iter().map(convert::drop_counter).collect())
}

async fn change(context: &Context, request_id: &str, command: Command) -> Result<(), Problem> {
    let done = context.controller().change_forwarding(command, stamp(request_id)).await;
    done.map_err(Problem::Failure)
}

fn is_of(family: Family, address: IpAddr) -> bool {
    address.is_ipv4() == (family == Family::V4)
}
