//! The operations on groups.

use super::context::{Context, LARGE_BYTES, LARGE_ITEMS};
use super::page::{PageToken, page_limit, take_page};
use super::problem::Problem;
use crate::controller::{Command, Done, Snapshot};
use crate::convert;
use dpd_api::{JsonBody, PathParams, QueryParams, QueryType, Rendered};
use dpd_types::{
    ChangesPage, ChangesQuery, DeleteQuery, DryRunQuery, EnsureRequest, EnsureResult, EntriesPage,
    EntriesQuery, GenerationInfo, GroupPath, GroupView, NoQuery, Page, PageQuery,
};
use nat_groups::{Generation, Group, GroupName, Mapping, Version, Vni};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

pub(super) async fn ensure(
    context: &Context,
    request_id: &str,
    path: PathParams<GroupPath>,
    query: QueryParams<DryRunQuery>,
    body: JsonBody<EnsureRequest>,
) -> Result<EnsureResult, Problem> {
    let group = group_name(path)?;
    let DryRunQuery { dry_run } = parameters(query)?;
    let is_large = body.size_bytes() > LARGE_BYTES;
    let ensure = context
        .compute(is_large, move || {
            let request = body.parse().map_err(Problem::Body)?;
            convert::ensure(group, request).map_err(Problem::Request)
        })
        .await?;
    let done = context.change(request_id, Command::Ensure(vec![ensure]), dry_run).await?;
    only_result(done, dry_run)
}

pub(super) async fn delete(
    context: &Context,
    request_id: &str,
    path: PathParams<GroupPath>,
    query: QueryParams<DeleteQuery>,
) -> Result<EnsureResult, Problem> {
    let group = group_name(path)?;
    let DeleteQuery { generation, dry_run } = parameters(query)?;
    let generation = convert::generation(generation).map_err(|invalid| Problem::Query {
        parameter: "generation",
        problem: invalid.to_string(),
    })?;
    let done = context.change(request_id, Command::Delete { group, generation }, dry_run).await?;
    only_result(done, dry_run)
}

pub(super) fn view(
    context: &Context,
    path: PathParams<GroupPath>,
    query: QueryParams<NoQuery>,
) -> Result<GroupView, Problem> {
    let name = group_name(path)?;
    let NoQuery {} = parameters(query)?;
    let snapshot = context.snapshot();
    let group = existing(&snapshot, &name)?;
    Ok(convert::group_view(&snapshot, group))
}

pub(super) async fn list(
    context: &Context,
    query: QueryParams<PageQuery>,
) -> Result<Rendered<Page<GroupView>>, Problem> {
    let PageQuery { limit, page_token } = parameters(query)?;
    let after = match page_token.as_deref().map(PageToken::decode).transpose()? {
        None => None,
        Some(PageToken::Groups { after }) => {
            Some(GroupName::new(&after).map_err(|_| Problem::PageToken)?)
        }
        Some(_) => return Err(Problem::PageToken),
    };
    let limit = page_limit(limit);
    let snapshot = context.snapshot();
    context
        .compute(limit > LARGE_ITEMS, move || {
            let (groups, more) = take_page(snapshot.store.groups_after(after.as_ref()), limit);
            let token = |group: &&Arc<Group>| PageToken::Groups { after: group.name().to_string() };
            let next_page = next_page(more, groups.last().map(token))?;
            let items = groups.iter().map(|group| convert::group_view(&snapshot, group)).collect();
            render(&Page { items, next_page })
        })
        .await
}

pub(super) async fn generations(
    context: &Context,
    path: PathParams<GroupPath>,
    query: QueryParams<PageQuery>,
) -> Result<Rendered<Page<GenerationInfo>>, Problem> {
    let name = group_name(path)?;
    let PageQuery { limit, page_token } = parameters(query)?;
    let after = match page_token.as_deref().map(PageToken::decode).transpose()? {
        None => u64::MAX,
        Some(PageToken::Generations { group, after }) if group == name.as_str() => after,
        Some(_) => return Err(Problem::PageToken),
    };
    let snapshot = context.snapshot();
    let group = existing(&snapshot, &name)?;
    let versions = group.generations().filter(|version| version.generation.get() < after);
    let (versions, more) = take_page(versions, page_limit(limit));
    let token = |version: &&Arc<Version>| PageToken::Generations {
        group: name.to_string(),
        after: version.generation.get(),
    };
    let next_page = next_page(more, versions.last().map(token))?;
    let items = versions.iter().map(|version| convert::generation_info(version)).collect();
    render(&Page { items, next_page })
}

/// What a list of entries shows.
struct Filter {
    external: Option<IpAddr>,
    vni: Option<u32>,
}

pub(super) async fn entries(
    context: &Context,
    path: PathParams<GroupPath>,
    query: QueryParams<EntriesQuery>,
) -> Result<Rendered<EntriesPage>, Problem> {
    let name = group_name(path)?;
    let EntriesQuery { external, vni, generation, limit, page_token } = parameters(query)?;
    let (filter, generation, after) =
        match page_token.as_deref().map(PageToken::decode).transpose()? {
            None => (Filter { external, vni }, generation.map(|generation| generation.get()), None),
            Some(PageToken::Entries { group, generation, external, vni, after })
                if group == name.as_str() =>
            {
                (Filter { external, vni }, Some(generation), Some(after.slot()?))
            }
            Some(_) => return Err(Problem::PageToken),
        };
    if let Some(vni) = filter.vni {
        Vni::new(vni)
            .map_err(|invalid| Problem::Query { parameter: "vni", problem: invalid.to_string() })?;
    }
    let limit = page_limit(limit);
    let snapshot = context.snapshot();
    let version = match generation {
        None => Arc::clone(existing(&snapshot, &name)?.current()),
        Some(generation) => kept(context, &snapshot, &name, generation)?,
    };
    context.pins.lock().pin(&name, &version, Instant::now());
    // A filter by VNI looks at every entry, however few it finds.
    let is_large = version.set.len().min(limit) > LARGE_ITEMS
        || (filter.vni.is_some() && version.set.len() > LARGE_ITEMS);
    context
        .compute(is_large, move || {
            let wanted =
                |mapping: &Mapping| filter.vni.is_none_or(|vni| mapping.target.vni.get() == vni);
            let (mappings, more) = match filter.external {
                None => take_page(version.set.after(after).filter(wanted), limit),
                Some(external) => {
                    let of_address = version.set.of_address(external.into(), after);
                    take_page(of_address.filter(wanted), limit)
                }
            };
            let generation = version.generation.get();
            let token = |mapping: &Mapping| PageToken::Entries {
                group: name.to_string(),
                generation,
                external: filter.external,
                vni: filter.vni,
                after: mapping.slot.into(),
            };
            render(&EntriesPage {
                generation,
                digest: convert::wire_digest(version.set.digest()),
                next_page: next_page(more, mappings.last().map(token))?,
                items: mappings.into_iter().map(convert::entry).collect(),
            })
        })
        .await
}

pub(super) async fn changes(
    context: &Context,
    path: PathParams<GroupPath>,
    query: QueryParams<ChangesQuery>,
) -> Result<Rendered<ChangesPage>, Problem> {
    let name = group_name(path)?;
    let ChangesQuery { from, to, limit, page_token } = parameters(query)?;
    let (from, to, after) = match page_token.as_deref().map(PageToken::decode).transpose()? {
        None => (from.unwrap_or_default(), to, None),
        Some(PageToken::Changes { group, from, to, after }) if group == name.as_str() => {
            (from, Some(to), Some(after.slot()?))
        }
        Some(_) => return Err(Problem::PageToken),
    };
    let limit = page_limit(limit);
    let snapshot = context.snapshot();
    let version = |generation: u64| match generation {
        0 => existing(&snapshot, &name).map(|_| None),
        generation => kept(context, &snapshot, &name, generation).map(Some),
    };
    let before = version(from)?;
    let after_version = match to {
        Some(to) => version(to)?,
        None => Some(Arc::clone(existing(&snapshot, &name)?.current())),
    };
    let to = after_version.as_ref().map_or(0, |version| version.generation.get());
    for version in before.iter().chain(&after_version) {
        context.pins.lock().pin(&name, version, Instant::now());
    }
    let empty = snapshot.store.empty_set();
    let largest = [&before, &after_version].into_iter().flatten().map(|v| v.set.len()).max();
    context
        .compute(largest.unwrap_or_default() > LARGE_ITEMS, move || {
            let before = before.as_ref().map_or(&empty, |version| &version.set);
            let now = after_version.as_ref().map_or(&empty, |version| &version.set);
            let rest = before.diff(now).skip_while(|change| Some(change.slot()) <= after);
            let (changes, more) = take_page(rest, limit);
            let token = |change: &nat_groups::Change| PageToken::Changes {
                group: name.to_string(),
                from,
                to,
                after: change.slot().into(),
            };
            render(&ChangesPage {
                from,
                to,
                digest: convert::wire_digest(now.digest()),
                next_page: next_page(more, changes.last().map(token))?,
                items: changes.into_iter().map(convert::change).collect(),
            })
        })
        .await
}

/// The group that the path names.
fn group_name(path: PathParams<GroupPath>) -> Result<GroupName, Problem> {
    let GroupPath { group } = path.into_result().map_err(Problem::Parameter)?;
    convert::group_name(&group).map_err(Problem::GroupName)
}

/// The query parameters.
pub(super) fn parameters<T: QueryType>(query: QueryParams<T>) -> Result<T, Problem> {
    query.into_result().map_err(Problem::Parameter)
}

/// The answer of the daemon, rendered.
pub(super) fn render<T: serde::Serialize>(value: &T) -> Result<Rendered<T>, Problem> {
    Rendered::new(value).map_err(|_| Problem::Internal("an answer could not be rendered"))
}

/// The token of the next page, if there is one.
pub(super) fn next_page(more: bool, token: Option<PageToken>) -> Result<Option<String>, Problem> {
    token.filter(|_| more).map(|token| token.encode()).transpose()
}

fn only_result(done: Done, dry_run: bool) -> Result<EnsureResult, Problem> {
    convert::ensure_results(done, dry_run)
        .next()
        .ok_or(Problem::Internal("a change had no outcome"))
}

fn existing<'a>(snapshot: &'a Snapshot, name: &GroupName) -> Result<&'a Arc<Group>, Problem> {
    snapshot.store.group(name).ok_or_else(|| Problem::NoSuchGroup {
        group: name.clone(),
        tombstone: snapshot.store.tombstone(name),
    })
}

/// A generation that is kept, or that someone is reading.
fn kept(
    context: &Context,
    snapshot: &Snapshot,
    name: &GroupName,
    number: u64,
) -> Result<Arc<Version>, Problem> {
    let generation = Generation::new(number).ok();
    let of_group = || snapshot.store.group(name)?.generation(generation?).map(Arc::clone);
    let pinned = || context.pins.lock().find(name, generation?, Instant::now());
    if let Some(version) = of_group().or_else(pinned) {
        return Ok(version);
    }
    let group = existing(snapshot, name)?;
    let (oldest, current) = (group.oldest().generation, group.current().generation);
    let group = name.clone();
    Err(if number < oldest.get() {
        Problem::GenerationExpired { group, generation: number, oldest, current }
    } else {
        Problem::NoSuchGeneration { group, generation: number, oldest, current }
    })
}
