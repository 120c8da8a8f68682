//! `swadm nat group`.

use super::ensure;
use crate::args::{GenerationArgs, GroupCommand};
use crate::progress::Progress;
use crate::render::{deleted, diff, group_view};
use crate::session::Session;
use crate::trouble::Trouble;
use dpd_client::{ChangesPage, EntriesPage, Failure, Paged, builder, items, pages};
use dpd_types::{
    EntriesQuery, ErrorCode, Generation, GenerationInfo, GroupName, GroupView, NatEntry,
};
use futures::TryStreamExt;

pub(super) async fn carry_out(session: &Session, command: GroupCommand) -> Result<(), Trouble> {
    match command {
        GroupCommand::List => session.output.list(&views(session).await?),
        GroupCommand::Show { group } => show(session, &group).await,
        GroupCommand::Entries { group, external, vni, generation } => {
            let query = EntriesQuery { external, vni, generation, ..EntriesQuery::default() };
            session.output.list(&entries(session, &group.into(), &query).await?)
        }
        GroupCommand::Ensure(args) => ensure::carry_out(session, args).await,
        GroupCommand::Delete { group, generation, dry_run } => {
            delete(session, &group, generation, dry_run).await
        }
        GroupCommand::History { group } => history(session, &group).await,
        GroupCommand::Diff { group, from, to } => changes(session, &group, from, to).await,
    }
}

/// The status of every group.
pub(super) async fn views(session: &Session) -> Result<Vec<GroupView>, Failure> {
    items(|token| {
        let request = session.client.nat_group_list().limit(LARGE_PAGE);
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    })
    .try_collect::<Vec<GroupView>>()
    .await
}

/// A request for a page of a group's entries.
pub(super) fn entries_request<'a>(
    session: &'a Session,
    group: &GroupName,
    query: &EntriesQuery,
    token: Option<String>,
) -> builder::NatGroupEntries<'a> {
    let mut request = session.client.nat_group_entries().group(group.clone()).limit(LARGE_PAGE);
    let EntriesQuery { external, vni, generation, limit: _, page_token: _ } = *query;
    match token {
        Some(token) => request = request.page_token(token),
        None => {
            if let Some(external) = external {
                request = request.external(external);
            }
            if let Some(vni) = vni {
                request = request.vni(vni);
            }
            if let Some(generation) = generation {
                request = request.generation(generation);
            }
        }
    }
    request
}

/// The generation that the arguments ask for, if they ask for one.
pub(super) async fn generation(
    session: &Session,
    group: &str,
    args: GenerationArgs,
) -> Result<Option<Generation>, Trouble> {
    let GenerationArgs { generation, next } = args;
    if !next {
        return Ok(generation);
    }
    let current = match session.client.nat_group_view().group(group).send().await {
        Ok(view) => view.into_inner().generation,
        Err(error) => match Failure::from(error) {
            // A group that was deleted goes on after its tombstone, a new one starts at 1.
            Failure::Answered { error, .. } if error.code() == Some(ErrorCode::NoSuchGroup) => {
                error.tombstone_generation.unwrap_or(0)
            }
            failure => return Err(failure.into()),
        },
    };
    let next = Generation::try_from(current.saturating_add(1));
    next.map(Some).map_err(|_| Trouble::LastGeneration)
}

/// The most items that dpd gives in one page.
const LARGE_PAGE: std::num::NonZeroU32 = std::num::NonZeroU32::MIN.saturating_add(9_999);

async fn show(session: &Session, group: &str) -> Result<(), Trouble> {
    let view = session.client.nat_group_view().group(group).send().await;
    let view = view.map_err(Failure::from)?.into_inner();
    session.output.print(&view, |_| group_view(&view))
}

async fn entries(
    session: &Session,
    group: &GroupName,
    query: &EntriesQuery,
) -> Result<Vec<NatEntry>, Failure> {
    let progress = Progress::new();
    items::<EntriesPage, _>(|token| entries_request(session, group, query, token).send())
        .inspect_ok(|_| progress.count("entries"))
        .try_collect()
        .await
}

async fn delete(
    session: &Session,
    group: &str,
    args: GenerationArgs,
    dry_run: bool,
) -> Result<(), Trouble> {
    let generation = generation(session, group, args).await?.ok_or(Trouble::WhichGeneration)?;
    let request = session.client.nat_group_delete().group(group).generation(generation);
    let request = if dry_run { request.dry_run(true) } else { request };
    let result = request.send().await.map_err(Failure::from)?.into_inner();
    session.output.print(&result, |color| deleted(&result, color))
}

async fn history(session: &Session, group: &str) -> Result<(), Trouble> {
    let generations = items(|token| {
        let request = session.client.nat_group_generations().group(group).limit(LARGE_PAGE);
        match token {
            None => request.send(),
            Some(token) => request.page_token(token).send(),
        }
    });
    session.output.list(&generations.try_collect::<Vec<GenerationInfo>>().await?)
}

async fn changes(
    session: &Session,
    group: &str,
    from: u64,
    to: Option<u64>,
) -> Result<(), Trouble> {
    let progress = Progress::new();
    let mut pages = std::pin::pin!(pages::<ChangesPage, _>(|token| {
        let request = session.client.nat_group_changes().group(group).limit(LARGE_PAGE);
        match (token, to) {
            (Some(token), _) => request.page_token(token).send(),
            (None, Some(to)) => request.from(from).to(to).send(),
            (None, None) => request.from(from).send(),
        }
    }));
    let mut all: Option<ChangesPage> = None;
    while let Some(page) = pages.try_next().await? {
        page.items.iter().for_each(|_| progress.count("changes"));
        match &mut all {
            None => all = Some(page),
            Some(all) => all.items.extend(page.into_items()),
        }
    }
    drop(progress);
    let Some(mut all) = all else { return Ok(()) };
    all.next_page = None;
    session.output.print(&all, |color| {
        let ChangesPage { from, to, items, .. } = &all;
        let text = diff(items, color);
        let changes = match items.len() {
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        };
        format!("{text}{group}: {changes} from generation {from} to {to}\n")
    })
}
