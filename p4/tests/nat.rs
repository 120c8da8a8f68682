//! What the scripts of the forwarding program show together, and what none of them can well show.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use p4::{NAT_P4, Program, stf};

fn nat() -> Arc<Program> {
    Arc::new(Program::from_source("nat.p4", NAT_P4).unwrap_or_else(|error| panic!("{error}")))
}

/// The names and texts of the scripts, by name.
fn scripts() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs/nat");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
        .iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn every_reason_to_drop_has_a_script() {
    let (_, reasons) = NAT_P4.split_once("enum bit<8> DropReason {").unwrap();
    let (reasons, _) = reasons.split_once("\n}").unwrap();
    let scripts = scripts();
    let mut seen = 0;
    for line in reasons.lines().filter(|line| line.contains(" = ")) {
        let (name, rest) = line.trim().split_once(" = ").unwrap();
        let number: u8 = rest.split([',', ' ']).next().unwrap().parse().unwrap();
        assert_eq!(number, seen, "{name}");
        seen += 1;
        let check = format!("\ncheck_counter drops({number}) packets == 1\n");
        let shown = scripts.iter().any(|(_, text)| text.contains(&check));
        assert!(shown || name == "none", "{name}");
    }
    assert_eq!(seen, 20);
}

/// A UDP packet over IPv4 of a length, with the header checksum right.
fn ipv4_of(length: u16) -> Vec<u8> {
    let mut packet = vec![0; usize::from(length)];
    let header = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 198, 51, 100, 7, 203, 0, 113, 10];
    packet[..20].copy_from_slice(&header);
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    let words = packet[..20].chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
    let sum = words.sum::<u32>();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap();
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    packet[22..24].copy_from_slice(&1053_u16.to_be_bytes());
    packet[24..26].copy_from_slice(&(length - 20).to_be_bytes());
    packet
}

/// The script `too_big` has the first packet that is too long; it would be twice as large with this
/// one.
#[test]
fn the_longest_packet_that_fits_is_wrapped() {
    let scripts = scripts();
    let (_, too_big) = scripts.iter().find(|(name, _)| name.ends_with("too_big.stf")).unwrap();
    let mut script: String = too_big
        .lines()
        .filter(|line| line.starts_with("add"))
        .flat_map(|add| [add, "\n"])
        .collect();
    let ethernet = "a84025000001 020000000009 0800";
    for length in [65535 - 34, 65535 - 33] {
        let packet: String = ipv4_of(length).iter().map(|byte| format!("{byte:02x}")).collect();
        script += &format!("packet 1 {ethernet} {packet}\n");
    }
    script +=
        &format!("expect 2 ************ ************ 86dd 60000000 ffff 11ff{}", "*".repeat(64));
    script += " 17c1 17c1 ffff 0000\n";
    script += "check_counter drops(19) packets == 1\n";
    let result = stf::run(&nat(), "the longest packet", &script, &mut |_| {});
    assert!(result.is_ok(), "{}", result.unwrap_err());
}
