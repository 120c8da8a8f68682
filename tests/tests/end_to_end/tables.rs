//! The device's tables as they are, and what the daemon says of itself.

use dpd_tests::{DeviceRow, Entry, Switch, Testbed, With as _, entry, services, target};
use serde_json::{Value, json};

const IPV4_TABLE: &str = "Ingress.nat_ingress.ingress_ipv4";
const IPV6_TABLE: &str = "Ingress.nat_ingress.ingress_ipv6";

fn dump(table: &str, from_hardware: bool) -> String {
    format!("/table/{table}/dump?from_hardware={from_hardware}")
}

fn counters(table: &str) -> String {
    format!("/table/{table}/counters?force_sync=true")
}

fn keys(entry: &Entry) -> Value {
    let Entry { external, low, high, .. } = entry;
    json!({ "dst_addr": external, "l4_dst_port": format!("{low}-{high}") })
}

fn row(entry: &Entry) -> Value {
    json!({
        "keys": keys(entry),
        "priority": 1,
        "action": if entry.external.is_ipv4() { "forward_ipv4_to" } else { "forward_ipv6_to" },
        "action_args": {
            "target": entry.target.internal_ip,
            "inner_mac": entry.target.mac_text(),
            "vni": entry.target.vni.to_string(),
        },
    })
}

#[tokio::test]
async fn the_tables_are_listed_by_name() {
    let bed = Testbed::start();
    let expected = json!([
        IPV4_TABLE,
        IPV6_TABLE,
        "Ingress.ports.role",
        "Ingress.nat_egress.underlay",
        "Ingress.router.route_ipv4",
        "Ingress.router.route_ipv6",
        "Ingress.router.neighbor_ipv4",
        "Ingress.router.neighbor_ipv6",
        "Ingress.ports.interface",
    ]);
    assert_eq!(bed.get("/table").await.ok(), expected);
}

#[tokio::test]
async fn a_dump_shows_every_row_as_text_from_the_device_or_from_memory() {
    let bed = Testbed::inhabited().await;
    let entries: Vec<Entry> = bed.device.rows().iter().map(|row| row.entry).collect();
    for (table, is_ipv4) in [(IPV4_TABLE, true), (IPV6_TABLE, false)] {
        let rows: Vec<Value> =
            entries.iter().filter(|it| it.external.is_ipv4() == is_ipv4).map(row).collect();
        let expected = json!({ "name": table, "size": 1024, "entries": rows });
        for from_hardware in [true, false] {
            assert_eq!(bed.get(dump(table, from_hardware)).await.ok(), expected);
        }
    }
}

#[tokio::test]
async fn an_empty_table_is_dumped_as_such() {
    let bed = Testbed::start_with(dpd_tests::Settings::sized(7, 8));
    for (table, size) in [(IPV4_TABLE, 7), (IPV6_TABLE, 8)] {
        let expected = json!({ "name": table, "size": size, "entries": [] });
        for from_hardware in [true, false] {
            assert_eq!(bed.get(dump(table, from_hardware)).await.ok(), expected);
        }
        assert_eq!(bed.get(counters(table)).await.ok(), json!([]));
    }
}

#[tokio::test]
async fn counters_are_those_of_the_device() {
    let bed = Testbed::start();
    bed.ensure("services", 1, &services()).await.ok();
    for (packets, entry) in services().iter().enumerate() {
        for _ in 0..packets {
            bed.device.packet(entry.external, entry.high);
        }
    }
    let counter = |(packets, entry): (usize, &Entry)| {
        json!({
            "keys": keys(entry), "priority": 1,
            "data": {
                "pkts": packets,
                "bytes": Switch::packet_bytes(entry.external) * packets as u64,
            },
        })
    };
    let expected: Vec<Value> = services().iter().enumerate().map(counter).collect();
    assert_eq!(bed.get(counters(IPV4_TABLE)).await.ok(), json!(expected[..9]));
    assert_eq!(bed.get(counters(IPV6_TABLE)).await.ok(), json!(expected[9..]));
    let path = format!("/table/{IPV4_TABLE}/counters?force_sync=false");
    assert_eq!(bed.get(path).await.ok(), json!(expected[..9]));
}

/// What the daemon knows stays readable when the device does not answer; what only the device
/// knows is refused, and never made up.
#[tokio::test]
async fn a_device_that_refuses_to_be_read_is_not_spoken_for() {
    let bed = Testbed::inhabited().await;
    bed.device.refuse_reads(true);
    for path in [dump(IPV4_TABLE, true), counters(IPV6_TABLE)] {
        let refusal = bed.get(path).await.refused("DeviceRefused");
        assert!(refusal["device_message"].as_str().unwrap().contains("refused by chaos"));
    }
    bed.get(dump(IPV4_TABLE, false)).await.ok();
    bed.device.refuse_reads(false);
    bed.get(dump(IPV4_TABLE, true)).await.ok();
}

/// With a page of rows for a switch that is full.
#[tokio::test]
async fn a_full_table_is_dumped_whole() {
    let bed = Testbed::start();
    let set: Vec<Entry> = (0..1024_u16)
        .map(|number| {
            entry(&format!("10.0.{}.{}", number >> 8, number & 255), 0, 65535, target(number % 32))
        })
        .collect();
    bed.ensure("a", 1, &set).await.ok();
    for from_hardware in [true, false] {
        let answer = bed.get(dump(IPV4_TABLE, from_hardware)).await.ok();
        let expected: Vec<Value> = set.iter().map(row).collect();
        assert_eq!(answer["entries"], json!(expected));
    }
}

/// From the device: what is there, also behind the daemon's back. From memory: what the device has
/// acknowledged.
#[tokio::test]
async fn a_dump_from_hardware_and_one_from_memory_can_differ() {
    let bed = Testbed::start();
    let set = services();
    bed.ensure("services", 1, &set).await.ok();
    let smuggled = entry("192.0.2.77", 0, 9, target(1));
    bed.device.snatch_away(&set[0]);
    bed.device.smuggle_in(DeviceRow { entry: smuggled, priority: 1 });
    let entries = async |from_hardware| {
        bed.get(dump(IPV4_TABLE, from_hardware)).await.ok()["entries"].clone()
    };
    let here = [&[smuggled], &set[1..9]].concat();
    assert_eq!(entries(true).await, here.iter().map(row).collect::<Value>());
    assert_eq!(entries(false).await, set[..9].iter().map(row).collect::<Value>());
}

/// A row that went in beside another has a larger priority, and keeps it.
#[tokio::test]
async fn the_priority_of_a_row_is_part_of_what_it_is() {
    let bed = Testbed::start();
    bed.ensure("a", 1, &[entry("203.0.113.7", 0, 65535, target(1))]).await.ok();
    let recut = entry("203.0.113.7", 0, 65534, target(1));
    bed.ensure("a", 2, &[recut]).await.ok();
    for from_hardware in [true, false] {
        let dump = bed.get(dump(IPV4_TABLE, from_hardware)).await.ok();
        assert_eq!(dump["entries"], json!([row(&recut).with("priority", 2)]));
    }
    assert_eq!(bed.get(counters(IPV4_TABLE)).await.ok()[0]["priority"], 2);
}

#[tokio::test]
async fn the_daemon_tells_its_version_and_how_long_it_has_been_running() {
    let bed = Testbed::start();
    let version = bed.get("/dpd-version").await.ok();
    assert_eq!(version.as_str().unwrap().split('.').count(), 3);
    assert!(bed.get("/dpd-uptime").await.ok().is_u64());
}
