//! `swadm nat list`, `get`, `add`, `del` and `audit`.

use super::group;
use crate::args::{NatCommand, Ports};
use crate::progress::Progress;
use crate::render::{Grid, GroupedEntry, audited};
use crate::session::Session;
use crate::trouble::Trouble;
use dpd_client::{EntriesPage, Failure, items};
use dpd_types::{EntriesQuery, ErrorCode, NatEntry, NatTarget};
use futures::TryStreamExt;
use serde_json::json;
use std::net::IpAddr;

pub(super) async fn carry_out(session: &Session, command: NatCommand) -> Result<(), Trouble> {
    match command {
        NatCommand::List { external } => list(session, external).await,
        NatCommand::Get { external, l4_port } => get(session, external, l4_port).await,
        NatCommand::Add { external, ports, internal_ip, inner_mac, vni } => {
            let target = NatTarget { internal_ip, inner_mac, vni };
            add(session, external, ports, target).await
        }
        NatCommand::Del { external, l4_port } => del(session, external, l4_port).await,
        NatCommand::Audit { no_repair } => audit(session, !no_repair).await,
        NatCommand::Group(command) => group::carry_out(session, command).await,
    }
}

async fn audit(session: &Session, repair: bool) -> Result<(), Trouble> {
    let result = session.client.nat_audit().repair(repair).send().await;
    let result = result.map_err(Failure::from)?.into_inner();
    session.output.print(&result, |_| audited(&result))?;
    if result.clean { Ok(()) } else { Err(Trouble::Differences) }
}

/// Group by group: that takes fewer requests than address by address, and says whose each entry is.
async fn list(session: &Session, external: Option<IpAddr>) -> Result<(), Trouble> {
    let progress = Progress::new();
    let mut entries = Vec::new();
    for view in group::views(session).await? {
        let query = EntriesQuery { external, ..EntriesQuery::default() };
        let send = |token| group::entries_request(session, &view.group, &query, token).send();
        let of_group = items::<EntriesPage, _>(send)
            .inspect_ok(|_| progress.count("entries"))
            .map_ok(|entry| GroupedEntry { group: view.group.clone(), entry })
            .try_collect::<Vec<_>>();
        match of_group.await {
            Ok(of_group) => entries.extend(of_group),
            // It was deleted since the groups were listed.
            Err(Failure::Answered { error, .. })
                if error.code() == Some(ErrorCode::NoSuchGroup) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    drop(progress);
    entries.sort_by_key(|GroupedEntry { entry, .. }| entry.slot());
    session.output.list(&entries)
}

async fn get(session: &Session, external: IpAddr, port: u16) -> Result<(), Trouble> {
    let client = &session.client;
    let target = match external {
        IpAddr::V4(ipv4) => client.nat_ipv4_get().ipv4(ipv4).low(port).send().await,
        IpAddr::V6(ipv6) => client.nat_ipv6_get().ipv6(ipv6).low(port).send().await,
    };
    let target = target.map_err(Failure::from)?.into_inner();
    session.output.print(&target, |_| {
        let NatTarget { internal_ip, inner_mac, vni } = target;
        let mut grid = Grid::default();
        grid.push(vec!["internal ip".to_owned(), internal_ip.to_string()]);
        grid.push(vec!["inner mac".to_owned(), inner_mac.to_string()]);
        grid.push(vec!["vni".to_owned(), vni.to_string()]);
        grid.to_string()
    })
}

async fn add(
    session: &Session,
    external: IpAddr,
    Ports { low, high }: Ports,
    target: NatTarget,
) -> Result<(), Trouble> {
    let client = &session.client;
    match external {
        IpAddr::V4(ipv4) => {
            client.nat_ipv4_create().ipv4(ipv4).low(low).high(high).body(target).send().await
        }
        IpAddr::V6(ipv6) => {
            client.nat_ipv6_create().ipv6(ipv6).low(low).high(high).body(target).send().await
        }
    }
    .map_err(Failure::from)?;
    let entry = NatEntry { external, low, high, target };
    session.output.print(&entry, |_| format!("{entry} is in place.\n"))
}

async fn del(session: &Session, external: IpAddr, port: u16) -> Result<(), Trouble> {
    let client = &session.client;
    match external {
        IpAddr::V4(ipv4) => client.nat_ipv4_delete().ipv4(ipv4).low(port).send().await,
        IpAddr::V6(ipv6) => client.nat_ipv6_delete().ipv6(ipv6).low(port).send().await,
    }
    .map_err(Failure::from)?;
    session.output.print(&json!({ "external": external, "port": port }), |_| {
        format!("{external} port {port}: `ungrouped` has no entry for it now.\n")
    })
}
