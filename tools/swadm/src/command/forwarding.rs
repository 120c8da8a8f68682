//! `swadm route`, `neighbor`, `loopback` and `port`. The family is that of the address.

use crate::args::{LoopbackCommand, NeighborCommand, PortCommand, RouteCommand};
use crate::render::RouteRow;
use crate::session::Session;
use crate::trouble::Trouble;
use dpd_client::{Failure, Page, items};
use dpd_types::{
    ArpEntry, Ipv4Route, Ipv4RouteUpdate, Ipv4RouteUpdateTarget, Ipv6Entry, Ipv6Route,
    Ipv6RouteUpdate, Ipv6RouteUpdateTarget, PortView, RouteTarget,
};
use futures::TryStreamExt;
use oxnet::IpNet;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Sends the request for a page, the first or the one with this token.
macro_rules! page {
    ($session:ident.$operation:ident) => {
        |token: Option<String>| {
            let request = $session.client.$operation();
            match token {
                None => request.send(),
                Some(token) => request.page_token(token).send(),
            }
        }
    };
}

pub(super) async fn route(session: &Session, command: RouteCommand) -> Result<(), Trouble> {
    let client = &session.client;
    match command {
        RouteCommand::List => {
            let ipv4 = items::<Page<_>, _>(page!(session.route_ipv4_list)).try_collect::<Vec<_>>();
            let ipv6 = items::<Page<_>, _>(page!(session.route_ipv6_list)).try_collect::<Vec<_>>();
            let (ipv4, ipv6) = (ipv4.await?, ipv6.await?);
            let ipv4 = ipv4.into_iter().flat_map(RouteRow::of_ipv4);
            let routes: Vec<RouteRow> =
                ipv4.chain(ipv6.into_iter().flat_map(RouteRow::of_ipv6)).collect();
            session.output.list(&routes)
        }
        RouteCommand::Add { cidr, port_id, next_hop, replace, tag } => {
            match route_update(cidr, &port_id, next_hop, replace, &tag)? {
                RouteUpdate::V4(update) => client.route_ipv4_set().body(update).send().await,
                RouteUpdate::V6(update) => client.route_ipv6_set().body(update).send().await,
            }
            .map_err(Failure::from)?;
            let next_hop = next_hop.unwrap_or(match cidr {
                IpNet::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                IpNet::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
            });
            let row = RouteRow { cidr, port_id, next_hop, tag };
            session.output.print(&row, |_| {
                let RouteRow { cidr, port_id, next_hop, tag: _ } = &row;
                match next_hop.is_unspecified() {
                    true => format!("{cidr} is on the link of {port_id}.\n"),
                    false => format!("{cidr} goes to {next_hop} by {port_id}.\n"),
                }
            })
        }
        RouteCommand::Delete { cidr } => {
            match cidr {
                IpNet::V4(cidr) => client.route_ipv4_delete().cidr(cidr).send().await,
                IpNet::V6(cidr) => client.route_ipv6_delete().cidr(cidr).send().await,
            }
            .map_err(Failure::from)?;
            session
                .output
                .print(&json!({ "cidr": cidr }), |_| format!("{cidr} has no route now.\n"))
        }
    }
}

pub(super) async fn neighbor(session: &Session, command: NeighborCommand) -> Result<(), Trouble> {
    let client = &session.client;
    match command {
        NeighborCommand::List => {
            let arp = items::<Page<_>, _>(page!(session.arp_list)).try_collect::<Vec<_>>();
            let ndp = items::<Page<_>, _>(page!(session.ndp_list)).try_collect::<Vec<_>>();
            let neighbors: Vec<ArpEntry> = [arp.await?, ndp.await?].concat();
            session.output.list(&neighbors)
        }
        NeighborCommand::Add { ip, mac, tag } => {
            let entry = ArpEntry { ip, mac, tag, update: String::new() };
            match ip {
                IpAddr::V4(_) => client.arp_create().body(entry).send().await,
                IpAddr::V6(_) => client.ndp_create().body(entry).send().await,
            }
            .map_err(Failure::from)?;
            let done = json!({ "ip": ip, "mac": mac });
            session.output.print(&done, |_| format!("{ip} is at {mac}.\n"))
        }
        NeighborCommand::Delete { ip } => {
            match ip {
                IpAddr::V4(ip) => client.arp_delete().ip(ip).send().await,
                IpAddr::V6(ip) => client.ndp_delete().ip(ip).send().await,
            }
            .map_err(Failure::from)?;
            session.output.print(&json!({ "ip": ip }), |_| format!("{ip} is not known now.\n"))
        }
    }
}

pub(super) async fn loopback(session: &Session, command: LoopbackCommand) -> Result<(), Trouble> {
    let client = &session.client;
    match command {
        LoopbackCommand::List => {
            let addresses = client.loopback_ipv6_list().send().await.map_err(Failure::from)?;
            session.output.list(&addresses.into_inner())
        }
        LoopbackCommand::Add { addr, tag } => {
            let entry = Ipv6Entry { tag, addr };
            let sent = client.loopback_ipv6_create().body(entry.clone()).send().await;
            sent.map_err(Failure::from)?;
            session.output.print(&entry, |_| format!("The switch has the address {addr}.\n"))
        }
        LoopbackCommand::Delete { addr } => {
            let sent = client.loopback_ipv6_delete().ipv6(addr).send().await;
            sent.map_err(Failure::from)?;
            session.output.print(&json!({ "addr": addr }), |_| {
                format!("The switch no longer has the address {addr}.\n")
            })
        }
    }
}

pub(super) async fn port(session: &Session, command: PortCommand) -> Result<(), Trouble> {
    match command {
        PortCommand::List => {
            let ports = items::<Page<PortView>, _>(page!(session.port_list));
            session.output.list(&ports.try_collect::<Vec<_>>().await?)
        }
        PortCommand::Drops => {
            let drops = session.client.drop_list().send().await.map_err(Failure::from)?;
            session.output.list(&drops.into_inner())
        }
    }
}

/// What to send for a route.
enum RouteUpdate {
    V4(Ipv4RouteUpdate),
    V6(Ipv6RouteUpdate),
}

fn route_update(
    cidr: IpNet,
    port_id: &str,
    next_hop: Option<IpAddr>,
    replace: bool,
    tag: &str,
) -> Result<RouteUpdate, Trouble> {
    let (port_id, tag, link_id, vlan_id) = (port_id.to_owned(), tag.to_owned(), 0, None);
    Ok(match (cidr, next_hop) {
        (IpNet::V4(cidr), None | Some(IpAddr::V4(_))) => {
            let tgt_ip = match next_hop {
                Some(IpAddr::V4(next_hop)) => next_hop,
                _ => Ipv4Addr::UNSPECIFIED,
            };
            let target = Ipv4Route { port_id, link_id, tgt_ip, tag, vlan_id };
            let target = Ipv4RouteUpdateTarget::Tagged(RouteTarget::V4(target));
            RouteUpdate::V4(Ipv4RouteUpdate { cidr, target, replace })
        }
        (IpNet::V6(cidr), None | Some(IpAddr::V6(_))) => {
            let tgt_ip = match next_hop {
                Some(IpAddr::V6(next_hop)) => next_hop,
                _ => Ipv6Addr::UNSPECIFIED,
            };
            let target = Ipv6Route { port_id, link_id, tgt_ip, tag, vlan_id };
            let target = Ipv6RouteUpdateTarget::Plain(target);
            RouteUpdate::V6(Ipv6RouteUpdate { cidr, target, replace })
        }
        (_, Some(next_hop)) => return Err(Trouble::OtherFamily { cidr, next_hop }),
    })
}
