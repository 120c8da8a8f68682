//! Routes, neighbours, the underlay address and ports: what clients ask for is what the tables
//! hold, also when the device does not play along.

use dpd::forwarding::{Forwarding, Port, PortNumber, PortRole, Route, Underlay};
use dpd_tests::{Backend, Settings, Switch, Testbed, With as _, entry, target as sled};
use nat_groups::MacAddr;
use rstest::rstest;
use serde_json::{Value, json};

const ROUTE_IPV4: &str = "Ingress.router.route_ipv4";
const ROUTE_IPV6: &str = "Ingress.router.route_ipv6";
const NEIGHBOR_IPV4: &str = "Ingress.router.neighbor_ipv4";
const NEIGHBOR_IPV6: &str = "Ingress.router.neighbor_ipv6";
const INTERFACE: &str = "Ingress.ports.interface";
const UNDERLAY: &str = "Ingress.nat_egress.underlay";
const ROLE: &str = "Ingress.ports.role";

/// An uplink and two ports to sleds, with a default route.
fn configured() -> Forwarding {
    let mut forwarding = Forwarding::default();
    for (number, role) in [(0, PortRole::Uplink), (1, PortRole::Rear), (2, PortRole::Rear)] {
        let number = PortNumber::new(number).unwrap();
        let mac = MacAddr([0xa8, 0x40, 0x25, 0xf0, 0, number.get() as u8]);
        let port = Port { id: role.default_id(number), role, mac, interface: None };
        forwarding.insert_port(number, port).unwrap();
    }
    let underlay = Underlay { address: "fd00::1".parse().unwrap(), tag: "config".into() };
    forwarding.replace_underlay(Some(underlay)).unwrap();
    let route = Route {
        port: PortNumber::new(0).unwrap(),
        next_hop: "192.0.2.1".parse().unwrap(),
        tag: "config".into(),
    };
    forwarding.replace_route("0.0.0.0/0".parse().unwrap(), route).unwrap();
    forwarding
}

fn settings() -> Settings {
    Settings { forwarding: configured(), ..Settings::default() }
}

fn bed() -> Testbed {
    Testbed::start_with(settings())
}

fn target(port_id: &str, tgt_ip: &str) -> Value {
    json!({ "port_id": port_id, "link_id": 0, "tgt_ip": tgt_ip, "tag": "t", "vlan_id": null })
}

fn update(cidr: &str, target: &Value) -> Value {
    let family = if cidr.contains(':') { "V6" } else { "V4" };
    json!({ "cidr": cidr, "target": { family: target }, "replace": false })
}

fn neighbor(ip: &str, last: u8) -> Value {
    json!({ "ip": ip, "mac": { "a": [2, 0, 0, 0, 0, last] }, "tag": "t", "update": "" })
}

/// Each row of a table as the device has it, in short: `keys -> action(arguments)`.
async fn rows(bed: &Testbed, table: &str) -> Vec<String> {
    let mut dumps = Vec::new();
    for from_hardware in [true, false] {
        let path = format!("/table/{table}/dump?from_hardware={from_hardware}");
        dumps.push(bed.get(path).await.ok()["entries"].clone());
    }
    assert_eq!(dumps[0], dumps[1], "what dpd knows of {table} and what there is");
    let join = |map: &Value| {
        let texts = map.as_object().unwrap().values().map(|text| text.as_str().unwrap());
        texts.collect::<Vec<_>>().join(" ")
    };
    let row = |row: &Value| format!("{} -> {}", join(&row["keys"]), join(&row["action_args"]));
    dumps[0].as_array().unwrap().iter().map(row).collect()
}

#[tokio::test]
async fn what_is_configured_is_in_the_tables_before_the_first_request() {
    let bed = bed();
    assert_eq!(rows(&bed, ROUTE_IPV4).await, ["0.0.0.0/0 -> 192.0.2.1 0"]);
    assert_eq!(rows(&bed, UNDERLAY).await, ["fd00::1 -> "]);
    assert_eq!(
        rows(&bed, INTERFACE).await,
        [0, 1, 2].map(|port| format!("{port} -> a8:40:25:f0:00:0{port} fd00::1"))
    );
    let dump = bed.get(format!("/table/{ROLE}/dump?from_hardware=true")).await.ok();
    let actions = dump["entries"].as_array().unwrap().iter();
    let actions: Vec<&Value> = actions.map(|row| &row["action"]).collect();
    assert_eq!(json!(actions), json!(["uplink", "rear", "rear"]));
    assert_eq!(dump["size"], 512);
}

#[rstest]
#[case::ipv4("/route/ipv4", ROUTE_IPV4, "10.0.0.0/8", "192.0.2.2", "192.0.2.3")]
#[case::ipv6("/route/ipv6", ROUTE_IPV6, "fd00:1122::/32", "fd00::2", "fd00::3")]
#[tokio::test]
async fn a_route_is_set_replaced_and_deleted(
    #[case] path: &str,
    #[case] table: &str,
    #[case] cidr: &str,
    #[case] one: &str,
    #[case] other: &str,
) {
    let bed = bed();
    let before = rows(&bed, table).await;
    let of_this = format!("{path}/{}", cidr.replace('/', "%2F"));
    bed.get(&of_this).await.refused("NoSuchRoute");

    bed.put(path, &update(cidr, &target("rear1", one))).await.no_content();
    assert!(rows(&bed, table).await.contains(&format!("{cidr} -> {one} 1")));
    // The same again is a success, with either method.
    bed.put(path, &update(cidr, &target("rear1", one))).await.no_content();
    bed.post_json(path, &update(cidr, &target("rear1", one))).await.no_content();

    // A second target is not supported, and says so; one in its place is.
    let second = update(cidr, &target("rear2", other));
    for answer in [bed.put(path, &second).await, bed.post_json(path, &second).await] {
        let refusal = answer.refused("Exists");
        let message = refusal["message"].as_str().unwrap();
        assert!(message.contains("one target at most"), "{message}");
        assert!(message.contains(one) && message.contains("rear1"), "{message}");
    }
    bed.post_json(path, &second.with("replace", true)).await.no_content();
    assert!(rows(&bed, table).await.contains(&format!("{cidr} -> {other} 2")));

    let expected = target("rear2", other);
    let expected = if cidr.contains(':') { expected } else { json!({ "V4": expected }) };
    assert_eq!(bed.get(&of_this).await.ok(), json!([expected]));
    let listed = bed.all_pages(path).await;
    assert!(listed.contains(&json!({ "cidr": cidr, "targets": [expected] })), "{listed:?}");

    bed.delete(&of_this).await.no_content();
    bed.delete(&of_this).await.refused("NoSuchRoute");
    assert_eq!(rows(&bed, table).await, before);
}

#[rstest]
#[case::arp("/arp", NEIGHBOR_IPV4, ["192.0.2.1", "192.0.2.2", "198.51.100.1"])]
#[case::ndp("/ndp", NEIGHBOR_IPV6, ["2001:db8::1", "fd00::2", "fd00::3"])]
#[tokio::test]
async fn neighbours_are_added_changed_listed_and_deleted(
    #[case] path: &str,
    #[case] table: &str,
    #[case] hosts: [&str; 3],
) {
    let bed = bed();
    for host in hosts {
        bed.post_json(path, &neighbor(host, 1)).await.no_content();
    }
    // Told again, it has another address.
    bed.post_json(path, &neighbor(hosts[1], 2)).await.no_content();
    let expected = [(hosts[0], 1), (hosts[1], 2), (hosts[2], 1)];
    let expected = expected.map(|(host, last)| format!("{host} -> 02:00:00:00:00:0{last}"));
    assert_eq!(rows(&bed, table).await, expected);

    let entry = bed.get(format!("{path}/{}", hosts[1])).await.ok();
    assert_eq!(entry["mac"], json!({ "a": [2, 0, 0, 0, 0, 2] }));
    assert_eq!(entry["tag"], "t");
    let told = entry["update"].as_str().unwrap();
    assert!(told.starts_with("20") && told.ends_with('Z'), "{told}");

    let pages = bed.pages(&format!("{path}?limit=2")).await;
    let listed: Vec<Vec<&Value>> =
        pages.iter().map(|page| page.iter().map(|entry| &entry["ip"]).collect()).collect();
    assert_eq!(json!(listed), json!([[hosts[0], hosts[1]], [hosts[2]]]));

    bed.delete(format!("{path}/{}", hosts[0])).await.no_content();
    bed.delete(format!("{path}/{}", hosts[0])).await.refused("NoSuchNeighbor");
    bed.get(format!("{path}/{}", hosts[0])).await.refused("NoSuchNeighbor");
    bed.delete(path).await.no_content();
    assert_eq!(rows(&bed, table).await, [""; 0]);
    bed.delete(path).await.no_content();
}

#[tokio::test]
async fn the_underlay_address_is_that_of_every_port() {
    let bed = bed();
    let addresses = async || bed.get("/loopback/ipv6").await.ok();
    assert_eq!(addresses().await, json!([{ "addr": "fd00::1", "tag": "config" }]));
    let other = json!({ "addr": "fd00::2", "tag": "t" });
    let refusal = bed.post_json("/loopback/ipv6", &other).await.refused("Exists");
    assert!(refusal["message"].as_str().unwrap().contains("fd00::1"), "{refusal}");
    bed.delete("/loopback/ipv6/fd00::2").await.refused("NoSuchAddress");

    bed.delete("/loopback/ipv6/fd00::1").await.no_content();
    assert_eq!(addresses().await, json!([]));
    assert_eq!(rows(&bed, INTERFACE).await[0], "0 -> a8:40:25:f0:00:00 ::");
    bed.post_json("/loopback/ipv6", &other).await.no_content();
    assert_eq!(rows(&bed, INTERFACE).await[2], "2 -> a8:40:25:f0:00:02 fd00::2");
    assert_eq!(rows(&bed, UNDERLAY).await, ["fd00::2 -> "]);
}

/// A device that forwards no packets has counted none, and nobody makes counters up.
#[tokio::test]
async fn ports_are_listed_with_what_is_known_of_them() {
    let bed = Testbed::start_with(Settings { backend: Backend::Memory, ..settings() });
    let pages = bed.pages("/ports?limit=2").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    let expected = json!({
        "port": 0, "port_id": "qsfp0", "role": "uplink", "interface": null, "state": null,
        "mac": { "a": [0xa8, 0x40, 0x25, 0xf0, 0, 0] }, "counters": null,
    });
    assert_eq!(pages[0][0], expected);
    assert_eq!(pages[1][0]["port_id"], "rear2");
    assert_eq!(bed.get("/drops").await.ok(), json!([]));
}

/// How many packets were dropped for this reason, as the daemon tells.
async fn dropped(bed: &Testbed, reason: &str) -> Value {
    let drops = bed.get("/drops").await.ok();
    let found = drops.as_array().unwrap().iter().find(|drop| drop["reason"] == reason);
    found.unwrap_or_else(|| panic!("no {reason} in {drops}"))["dropped"].clone()
}

#[tokio::test]
async fn what_packets_do_is_counted_by_port_and_by_reason() {
    let bed = Testbed::start();
    let here = entry("203.0.113.7", 0, 1023, sled(1));
    bed.ensure("a", 1, &[here]).await.ok();
    assert_eq!(bed.device.packet(here.external, 80), Some(here.target));
    assert_eq!(bed.device.packet(here.external, 1023), Some(here.target));
    assert_eq!(bed.device.packet(here.external, 1024), None);

    let bytes = Switch::packet_bytes(here.external);
    assert_eq!(dropped(&bed, "nat_miss").await, json!({ "pkts": 1, "bytes": bytes }));
    assert_eq!(dropped(&bed, "no_route").await, json!({ "pkts": 0, "bytes": 0 }));
    let ports = bed.all_pages("/ports").await;
    let counters: Vec<&Value> = ports.iter().map(|port| &port["counters"]).collect();
    let none = json!({ "pkts": 0, "bytes": 0 });
    assert_eq!(counters[0]["received"], json!({ "pkts": 3, "bytes": 3 * bytes }));
    assert_eq!((&counters[0]["sent"], &counters[1]["received"]), (&none, &none));
    assert_eq!(counters[1]["sent"]["pkts"], 2);
    // Of interfaces there is nothing to tell, since the ports have none.
    assert!(ports.iter().all(|port| port["state"].is_null()));
}

/// What is asked for is what happens to packets, at once.
#[tokio::test]
async fn packets_follow_routes_neighbours_and_the_underlay_address() {
    let bed = Testbed::start();
    let here = entry("203.0.113.7", 0, 65535, sled(1));
    bed.ensure("a", 1, &[here]).await.ok();
    let packet = || bed.device.packet(here.external, 443);
    assert_eq!(packet(), Some(here.target));
    let neighbor = bed.all_pages("/ndp").await.remove(0);
    let of_neighbor = format!("/ndp/{}", neighbor["ip"].as_str().unwrap());
    let route = bed.all_pages("/route/ipv6").await.remove(0);
    let again = json!({ "cidr": "::/0", "target": route["targets"][0] });
    let address = bed.get("/loopback/ipv6").await.ok()[0].clone();
    let of_address = format!("/loopback/ipv6/{}", address["addr"].as_str().unwrap());

    bed.delete(&of_neighbor).await.no_content();
    assert_eq!((packet(), dropped(&bed, "no_neighbor").await["pkts"].clone()), (None, json!(1)));
    bed.post_json("/ndp", &neighbor).await.no_content();
    assert_eq!(packet(), Some(here.target));

    bed.delete("/route/ipv6/::%2F0").await.no_content();
    assert_eq!((packet(), dropped(&bed, "no_route").await["pkts"].clone()), (None, json!(1)));
    bed.put("/route/ipv6", &again).await.no_content();
    assert_eq!(packet(), Some(here.target));

    bed.delete(&of_address).await.no_content();
    let reason = dropped(&bed, "no_underlay_address");
    assert_eq!((packet(), reason.await["pkts"].clone()), (None, json!(1)));
    bed.post_json("/loopback/ipv6", &address).await.no_content();
    assert_eq!(packet(), Some(here.target));
}

/// The switch that runs the program and the tables in memory, told the same.
#[tokio::test]
async fn devices_of_both_kinds_come_to_the_same() {
    let mut seen = Vec::new();
    for backend in [Backend::Soft, Backend::Memory] {
        let bed = Testbed::start_with(Settings { backend, ..Settings::default() });
        bed.live_in().await;
        bed.ensure("a", 1, &[entry("203.0.113.200", 0, 65535, sled(1))]).await.ok();
        bed.ensure("a", 2, &[entry("203.0.113.200", 1000, 65535, sled(2))]).await.ok();
        bed.put("/route/ipv4", &update("10.0.0.0/8", &target("rear2", "192.0.2.2")))
            .await
            .no_content();
        bed.post_json("/arp", &neighbor("192.0.2.2", 1)).await.no_content();
        let mut tables = Vec::new();
        for name in bed.get("/table").await.ok().as_array().unwrap() {
            let name = name.as_str().unwrap();
            let rows = bed.get(format!("/table/{name}/dump?from_hardware=true")).await.ok();
            let counters = bed.get(format!("/table/{name}/counters?force_sync=true")).await.ok();
            tables.push((rows, counters));
        }
        seen.push((tables, bed.device.rows(), bed.device.packets_counted()));
    }
    assert_eq!(seen[0], seen[1]);
}

#[rstest]
#[case::no_such_port("/route/ipv4", update("10.0.0.0/8", &target("qsfp9", "192.0.2.1")),
    "target.port_id", "there is no port \"qsfp9\"; there are qsfp0, rear1, rear2")]
#[case::link("/route/ipv4", update("10.0.0.0/8", &target("rear1", "192.0.2.1").with("link_id", 1)),
    "target.link_id", "port rear1 has no link 1; a port has link 0 alone")]
#[case::vlan("/route/ipv4", update("10.0.0.0/8", &target("rear1", "192.0.2.1").with("vlan_id", 7)),
    "target.vlan_id", "without a VLAN tag")]
#[case::ipv4_over_ipv6("/route/ipv4",
    json!({ "cidr": "10.0.0.0/8", "target": { "V6": target("rear1", "fd00::1") } }),
    "target", "an IPv4 prefix needs an IPv4 next hop")]
#[case::prefix("/route/ipv4", update("10.0.0.0/33", &target("rear1", "192.0.2.1")), "cidr", "33")]
#[case::family("/route/ipv6", update("10.0.0.0/8", &target("rear1", "fd00::1")), "cidr", "invalid")]
#[case::no_target("/route/ipv4", json!({ "cidr": "10.0.0.0/8" }), "", "target")]
#[case::arp_of_ipv6("/arp", neighbor("fd00::1", 1), "ip", "fd00::1 is no IPv4 address")]
#[case::ndp_of_ipv4("/ndp", neighbor("192.0.2.1", 1), "ip", "192.0.2.1 is no IPv6 address")]
#[case::mac("/arp", json!({ "ip": "192.0.2.1", "mac": "02:00:00:00:00:01" }), "mac", "six bytes")]
#[tokio::test]
async fn a_body_that_cannot_be_is_refused_with_the_place_and_the_reason(
    #[case] path: &str,
    #[case] body: Value,
    #[case] place: &str,
    #[case] about: &str,
) {
    let bed = bed();
    let refusal = bed.refuses("InvalidBody", bed.post_json(path, &body)).await;
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains(about), "{message}");
    let named = refusal["body_path"].as_str().unwrap_or_default();
    assert!(named.starts_with(place), "{refusal}");
}

#[rstest]
#[case::host_bits("/route/ipv4", update("10.0.0.1/8", &target("rear1", "192.0.2.1")),
    "the prefix is 10.0.0.0/8")]
#[case::multicast_next_hop("/route/ipv4", update("10.0.0.0/8", &target("rear1", "224.0.0.1")),
    "224.0.0.1 cannot be a next hop")]
#[case::multicast_mac("/arp", neighbor("192.0.2.1", 1).with("mac", json!({ "a": [1, 0, 0, 0, 0, 1] })),
    "a group address")]
#[case::loopback("/loopback/ipv6", json!({ "tag": "t", "addr": "ff02::1" }), "a multicast address")]
#[tokio::test]
async fn what_no_device_could_do_is_refused(
    #[case] path: &str,
    #[case] body: Value,
    #[case] about: &str,
) {
    let bed = Testbed::start_with(Settings {
        forwarding: {
            let mut forwarding = configured();
            forwarding.replace_underlay(None).unwrap();
            forwarding
        },
        ..Settings::default()
    });
    let refusal = bed.post_json(path, &body).await.refused("InvalidBody");
    assert!(refusal["message"].as_str().unwrap().contains(about), "{refusal}");
}

#[rstest]
#[case("/route/ipv4/10.0.0.0", "cidr")]
#[case("/route/ipv6/10.0.0.0%2F8", "cidr")]
#[case("/arp/fd00::1", "ip")]
#[case("/ndp/192.0.2.1", "ip")]
#[tokio::test]
async fn a_path_that_names_nothing_of_the_kind_is_refused(#[case] path: &str, #[case] name: &str) {
    let refusal = bed().get(path).await.refused("InvalidPath");
    assert_eq!(refusal["parameter"], name);
}

/// Before groups too: clients of all versions know these operations, and older ones write a route
/// without its family.
#[tokio::test]
async fn clients_of_all_versions_are_served() {
    let bed = bed();
    for version in ["1.0.0", "6.0.0", "13.0.0", "14.0.0"] {
        let client = bed.at_version(version);
        let plain = json!({ "cidr": "10.0.0.0/8", "target": target("rear1", "192.0.2.2"),
            "replace": true });
        client.put("/route/ipv4", &plain).await.no_content();
        client.post_json("/arp", &neighbor("192.0.2.2", 1)).await.no_content();
        client.get("/loopback/ipv6").await.ok();
        let plain = json!({ "cidr": "fd00::/16", "target": target("rear1", "fd00::9") });
        client.put("/route/ipv6", &plain).await.no_content();
    }
    assert_eq!(bed.at_version("13.0.0").get("/ports").await.status, 404);
}

#[tokio::test]
async fn a_refusal_of_the_device_leaves_everything_as_it_was() {
    let bed = bed();
    let before = rows(&bed, INTERFACE).await;
    // Taking the address away is four writes; the device refuses each in turn.
    for performed in 0..4 {
        bed.device.refuse_after(performed);
        let refusal = bed.delete("/loopback/ipv6/fd00::1").await.refused("DeviceRefused");
        assert!(refusal["device_write"].as_str().is_some(), "{refusal}");
        assert_eq!(rows(&bed, INTERFACE).await, before);
        assert_eq!(rows(&bed, UNDERLAY).await, ["fd00::1 -> "]);
        assert_eq!(bed.get("/loopback/ipv6").await.ok().as_array().unwrap().len(), 1);
    }
    bed.delete("/loopback/ipv6/fd00::1").await.no_content();
}

/// Whether or not the device did it: what is not acknowledged is read back, and undone.
#[rstest]
#[tokio::test]
async fn a_lost_answer_is_settled_by_reading_back(#[values(true, false)] performed: bool) {
    let bed = bed();
    bed.device.script([asic::Step::Lose { performed }]);
    bed.post_json("/arp", &neighbor("192.0.2.2", 1)).await.refused("DeviceRefused");
    assert_eq!(rows(&bed, NEIGHBOR_IPV4).await, [""; 0]);
    bed.post_json("/arp", &neighbor("192.0.2.2", 1)).await.no_content();
    assert_eq!(rows(&bed, NEIGHBOR_IPV4).await, ["192.0.2.2 -> 02:00:00:00:00:01"]);
}

#[tokio::test]
async fn what_could_not_be_put_back_is_repaired() {
    let bed = bed();
    // One write is done, the next refused, and so is the way back.
    bed.device.script([asic::Step::Perform(1), asic::Step::Refuse(2)]);
    bed.delete("/loopback/ipv6/fd00::1").await.refused("Torn");
    bed.post("/rpw/nat/trigger").await.ok();
    // Jobs are done in order, so this is read after the repair.
    let path = format!("/table/{INTERFACE}/dump?from_hardware=true");
    let dump = bed.get(path).await.ok();
    for row in dump["entries"].as_array().unwrap() {
        assert_eq!(row["action_args"]["underlay"], "fd00::1");
    }
    assert_eq!(bed.get("/loopback/ipv6").await.ok().as_array().unwrap().len(), 1);
}

/// A daemon that starts on a switch that runs on makes it what its configuration says, and leaves
/// what is right already.
#[tokio::test]
async fn a_restart_brings_the_switch_to_what_is_configured() {
    let bed = bed();
    bed.put("/route/ipv4", &update("10.0.0.0/8", &target("rear1", "192.0.2.2"))).await.no_content();
    bed.post_json("/arp", &neighbor("192.0.2.2", 1)).await.no_content();
    let switch = Some(bed.device.switch().clone());
    bed.close().await;
    let mut forwarding = configured();
    let route = forwarding.route("0.0.0.0/0".parse().unwrap()).unwrap().clone();
    forwarding.replace_route("203.0.113.0/24".parse().unwrap(), route).unwrap();
    let bed = Testbed::start_with(Settings { switch, forwarding, ..Settings::default() });
    let expected = ["0.0.0.0/0 -> 192.0.2.1 0", "203.0.113.0/24 -> 192.0.2.1 0"];
    assert_eq!(rows(&bed, ROUTE_IPV4).await, expected);
    assert_eq!(rows(&bed, NEIGHBOR_IPV4).await, [""; 0]);
    // One route more, one less, one neighbour less.
    assert_eq!(bed.records.saying("forwarding is as configured")[0].values["writes"], "3");
}

/// What does not fit is refused before anything is written.
#[tokio::test]
async fn a_full_table_refuses_the_next_neighbour_with_the_numbers() {
    let bed = Testbed::start_with(Settings { other_rows: Some(3), ..settings() });
    for host in ["198.51.0.1", "198.51.0.2", "198.51.0.3"] {
        bed.post_json("/arp", &neighbor(host, 1)).await.no_content();
    }
    let refusal = bed.post_json("/arp", &neighbor("192.0.2.9", 1)).await.refused("TableFull");
    assert_eq!(refusal["table"], NEIGHBOR_IPV4);
    assert_eq!((&refusal["size"], &refusal["needed"]), (&json!(3), &json!(4)));
    // One that is there can still change.
    bed.post_json("/arp", &neighbor("198.51.0.1", 2)).await.no_content();
}

/// Everything that clients told lasts, and so does what they took away of what the settings say.
/// What is changed in the settings meanwhile counts.
#[tokio::test]
async fn what_clients_told_outlives_the_daemon() {
    let state = tempfile::tempdir().unwrap();
    let state_dir = Some(state.path().to_owned());
    let first = Testbed::start_with(Settings { state_dir: state_dir.clone(), ..settings() });
    let route = |cidr, port| update(cidr, &target(port, "fd00::9"));
    first.put("/route/ipv6", &route("fd00:1::/32", "rear1")).await.no_content();
    first.put("/route/ipv6", &route("fd00:2::/32", "rear2")).await.no_content();
    first.delete("/route/ipv4/0.0.0.0%2F0").await.no_content();
    first.post_json("/arp", &neighbor("192.0.2.1", 7)).await.no_content();
    first.post_json("/ndp", &neighbor("fd00::9", 8)).await.no_content();
    first.delete("/loopback/ipv6/fd00::1").await.no_content();
    let underlay = json!({ "tag": "t", "addr": "fd00::2" });
    first.post_json("/loopback/ipv6", &underlay).await.no_content();
    const PATHS: [&str; 5] = ["/route/ipv4", "/route/ipv6", "/arp", "/ndp", "/loopback/ipv6"];
    let mut told = Vec::new();
    for path in PATHS {
        told.push(first.get(path).await.ok());
    }
    let switch = first.device.switch().clone();
    first.close().await;

    let again = Settings { state_dir: state_dir.clone(), switch: Some(switch), ..settings() };
    let second = Testbed::start_with(again);
    for (path, told) in PATHS.iter().zip(&told) {
        assert_eq!(second.get(path).await.ok(), *told, "{path}");
    }
    assert_eq!(rows(&second, ROUTE_IPV4).await, Vec::<String>::new());
    assert_eq!(rows(&second, UNDERLAY).await, ["fd00::2 -> "]);
    assert_eq!(second.records.saying("forwarding is as configured").len(), 0);
    let switch = second.device.switch().clone();
    second.close().await;

    let mut forwarding = configured();
    let port = PortNumber::new(2).unwrap();
    let route = Route { port, next_hop: "fd00::3".parse().unwrap(), tag: "config".into() };
    forwarding.replace_route("fd00:1::/32".parse().unwrap(), route).unwrap();
    let changed = Settings { forwarding, state_dir, switch: Some(switch), ..settings() };
    let third = Testbed::start_with(changed);
    assert_eq!(rows(&third, ROUTE_IPV4).await, Vec::<String>::new());
    assert_eq!(
        rows(&third, ROUTE_IPV6).await,
        ["fd00:1::/32 -> fd00::3 2", "fd00:2::/32 -> fd00::9 2"]
    );
}
