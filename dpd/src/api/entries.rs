//! The per-entry operations, as clients before groups know them. Both families share each of them.

use super::context::{Context, LARGE_ITEMS};
use super::groups::{next_page, parameters, render};
use super::page::{PageToken, page_limit, take_page};
use super::problem::Problem;
use crate::controller::{Command, Failure};
use crate::convert;
use dpd_api::{JsonBody, PathParams, QueryParams, Rendered};
use dpd_types::{NatEntry, NatTarget, NoQuery, Page, PageQuery};
use nat_groups::{ExternalAddr, Family, Mapping, PortRange, Refusal, Slot};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;

/// A page of the addresses of a family; `of_family` is the address as that family writes it.
pub(super) async fn addresses<A>(
    context: &Context,
    family: Family,
    of_family: fn(IpAddr) -> Option<A>,
    query: QueryParams<PageQuery>,
) -> Result<Rendered<Page<A>>, Problem>
where
    A: Serialize + JsonSchema + Send + Sync + 'static,
{
    let PageQuery { limit, page_token } = parameters(query)?;
    let after = match page_token.as_deref().map(PageToken::decode).transpose()? {
        None => None,
        Some(PageToken::Addresses { after }) if ExternalAddr::from(after).family() == family => {
            Some(after.into())
        }
        Some(_) => return Err(Problem::PageToken),
    };
    let limit = page_limit(limit);
    let snapshot = context.snapshot();
    context
        .compute(snapshot.store.len().min(limit) > LARGE_ITEMS, move || {
            let (addresses, more) = take_page(snapshot.store.addresses(family, after), limit);
            let token = |last: &ExternalAddr| PageToken::Addresses { after: (*last).into() };
            let next_page = next_page(more, addresses.last().map(token))?;
            let items =
                addresses.into_iter().filter_map(|address| of_family(address.into())).collect();
            render(&Page { items, next_page })
        })
        .await
}

/// A page of the entries of an address, of any group.
pub(super) async fn list<P>(
    context: &Context,
    path: PathParams<P>,
    query: QueryParams<PageQuery>,
) -> Result<Rendered<Page<NatEntry>>, Problem>
where
    IpAddr: From<P>,
{
    let external = ExternalAddr::from(IpAddr::from(value(path)?));
    let PageQuery { limit, page_token } = parameters(query)?;
    let after = match page_token.as_deref().map(PageToken::decode).transpose()? {
        None => None,
        Some(PageToken::Address { after }) => {
            // Else the pages of one address would go on with another's, from its beginning.
            let after = after.slot()?;
            if after.external != external {
                return Err(Problem::PageToken);
            }
            Some(after)
        }
        Some(_) => return Err(Problem::PageToken),
    };
    let limit = page_limit(limit);
    let snapshot = context.snapshot();
    context
        .compute(limit > LARGE_ITEMS && snapshot.store.len() > LARGE_ITEMS, move || {
            let first = after.unwrap_or(Slot::first_of(external));
            let here = snapshot
                .store
                .mappings_from(first)
                .map(|(mapping, _)| mapping)
                .filter(|mapping| Some(mapping.slot) != after)
                .take_while(|mapping| mapping.slot.external == external);
            let (mappings, more) = take_page(here, limit);
            let token = |last: &Mapping| PageToken::Address { after: last.slot.into() };
            let next_page = next_page(more, mappings.last().map(token))?;
            render(&Page { items: mappings.into_iter().map(convert::entry).collect(), next_page })
        })
        .await
}

/// The target of whatever covers a port.
pub(super) fn get<P>(
    context: &Context,
    path: PathParams<P>,
    query: QueryParams<NoQuery>,
) -> Result<NatTarget, Problem>
where
    (IpAddr, u16): From<P>,
{
    let (external, port) = value(path)?.into();
    let NoQuery {} = parameters(query)?;
    match context.snapshot().store.covering(external.into(), port) {
        Some((mapping, _)) => Ok(convert::wire_target(mapping.target)),
        None => Err(Problem::NoMapping { external, port }),
    }
}

/// Adds an entry.
pub(super) async fn create<P>(
    context: &Context,
    request_id: &str,
    path: PathParams<P>,
    query: QueryParams<NoQuery>,
    body: JsonBody<NatTarget>,
) -> Result<(), Problem>
where
    (IpAddr, u16, u16): From<P>,
{
    let (external, low, high) = value(path)?.into();
    let NoQuery {} = parameters(query)?;
    let target = body.parse().map_err(Problem::Body)?;
    let ports = PortRange::new(low, high).map_err(Problem::PortRange)?;
    let target = convert::unchecked_target(&target).map_err(Problem::Target)?;
    let mapping = Mapping { slot: Slot::new(external, ports), target };
    change(context, request_id, Command::Put(mapping)).await
}

/// Deletes whatever ungrouped entry covers a port.
pub(super) async fn delete<P>(
    context: &Context,
    request_id: &str,
    path: PathParams<P>,
    query: QueryParams<NoQuery>,
) -> Result<(), Problem>
where
    (IpAddr, u16): From<P>,
{
    let (external, port) = value(path)?.into();
    let NoQuery {} = parameters(query)?;
    change(context, request_id, Command::Remove { external: external.into(), port }).await
}

/// Deletes every ungrouped entry of a family.
pub(super) async fn reset(
    context: &Context,
    request_id: &str,
    family: Family,
    query: QueryParams<NoQuery>,
) -> Result<(), Problem> {
    let NoQuery {} = parameters(query)?;
    change(context, request_id, Command::Reset(family)).await
}

/// The path parameters.
pub(super) fn value<P>(path: PathParams<P>) -> Result<P, Problem> {
    path.into_result().map_err(Problem::Parameter)
}

/// Makes a change; a conflict is told in the words of these operations.
async fn change(context: &Context, request_id: &str, command: Command) -> Result<(), Problem> {
    match context.change(request_id, command, false).await {
        Ok(_) => Ok(()),
        Err(Problem::Failure(Failure::Refused(Refusal::EntryConflict { conflicts }))) => {
            Err(Problem::Conflict(conflicts))
        }
        Err(Problem::Failure(Failure::Refused(Refusal::NotUngrouped { existing, group }))) => {
            Err(Problem::NotUngrouped { existing, group })
        }
        Err(problem) => Err(problem),
    }
}
