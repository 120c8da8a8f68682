//! The laws of the store.

use crate::command::Command;
use crate::naive_store::{NaiveGroup, NaiveStore, changes, digest};
use crate::store_walk::{Decided, any_commands, any_rules, mappings, walk_store};
use crate::universe::{addresses, cases, packets, share_a_packet, slot, slot_key};
use nat_groups::{
    Family, Generation, Group, GroupName, Mapping, Refusal, Slot, SortedMappings, Store,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn every_command_is_decided_as_the_oracle_does(
        rules in any_rules(),
        commands in any_commands(),
    ) {
        walk_store(&rules, &commands, |step| match (step.decided, step.expected) {
            (Ok(decision), Ok(expected)) => {
                prop_assert_eq!(&decision.outcomes, &expected.outcomes);
                let name = |id| {
                    let group = step.after.group_by_id(id).or(step.before.group_by_id(id));
                    group.unwrap().name().clone()
                };
                let mut touched: Vec<GroupName> =
                    decision.touched.iter().map(|id| name(*id)).collect();
                touched.sort();
                let mut expected = expected.touched.clone();
                expected.sort();
                prop_assert_eq!(touched, expected);
                Ok(())
            }
            (Err(refusal), Err(expected)) => {
                prop_assert_eq!(refusal, expected);
                Ok(())
            }
            (decided, expected) => Err(TestCaseError::fail(format!(
                "{:?} gave {decided:?} instead of {expected:?}",
                step.command
            ))),
        })?;
    }

    #[test]
    fn every_store_holds_what_the_oracle_holds(rules in any_rules(), commands in any_commands()) {
        walk_store(&rules, &commands, |step| {
            step.after.validate().map_err(TestCaseError::fail)?;
            agree(step.after, step.after_naive)
        })?;
    }

    #[test]
    fn what_is_at_a_port_or_a_slot_is_found_with_its_group(
        rules in any_rules(),
        commands in any_commands(),
    ) {
        walk_store(&rules, &commands, |Decided { after, after_naive, .. }| {
            finds_what_is_there(after, after_naive)
        })?;
    }

    #[test]
    fn listings_begin_after_where_they_are_told_to(
        rules in any_rules(),
        commands in any_commands(),
    ) {
        walk_store(&rules, &commands, |Decided { after, after_naive, .. }| {
            lists_from_anywhere(after, after_naive)
        })?;
    }

    #[test]
    fn no_two_mappings_ever_overlap(rules in any_rules(), commands in any_commands()) {
        walk_store(&rules, &commands, |step| {
            let all = mappings(step.after);
            for (index, (mapping, _)) in all.iter().enumerate() {
                let later = &all[index + 1..];
                let overlapped =
                    later.iter().find(|(other, _)| share_a_packet(&mapping.slot, &other.slot));
                prop_assert_eq!(overlapped, None, "overlaps {}", mapping);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_command_leaves_the_store_that_it_met_as_it_was(
        rules in any_rules(),
        commands in any_commands(),
    ) {
        walk_store(&rules, &commands, |step| {
            step.before.validate().map_err(TestCaseError::fail)?;
            agree(step.before, step.before_naive)
        })?;
    }

    /// The highest generation that a name ever had is taken no more, deletion or not.
    #[test]
    fn a_stale_generation_is_never_accepted(rules in any_rules(), commands in any_commands()) {
        let mut highest: BTreeMap<GroupName, Generation> = BTreeMap::new();
        walk_store(&rules, &commands, |step| {
            let Ok(decision) = step.decided else { return Ok(()) };
            let is_delete = matches!(step.command, Command::Delete(..));
            for outcome in &decision.outcomes {
                let before = highest.insert(outcome.group.clone(), outcome.generation);
                let Some(before) = before else { continue };
                prop_assert!(outcome.generation >= before);
                if outcome.generation == before && !is_delete {
                    prop_assert!(outcome.changes.is_empty());
                    prop_assert_eq!(outcome.previous_generation, Some(before));
                }
            }
            Ok(())
        })?;
    }

    /// As after a lost answer.
    #[test]
    fn a_command_on_a_group_can_be_repeated(rules in any_rules(), commands in any_commands()) {
        walk_store(&rules, &commands, |step| {
            let (Ok(decision), Command::Ensure(_) | Command::Update(_) | Command::Delete(..)) =
                (step.decided, step.command)
            else {
                return Ok(());
            };
            let repeated = step.command.run(&decision.next, &crate::universe::stamp(99));
            let repeated = repeated.map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
            prop_assert!(repeated.outcomes.iter().all(|outcome| outcome.changes.is_empty()));
            agree(&repeated.next, step.after_naive)
        })?;
    }

    #[test]
    fn a_deleted_group_comes_back_only_above_its_tombstone(
        rules in any_rules(),
        commands in any_commands(),
        above in 0..3_u64,
    ) {
        walk_store(&rules, &commands, |step| {
            for (name, tombstone) in &step.after_naive.tombstones {
                prop_assert_eq!(step.after.tombstone(name), Some(*tombstone));
                let generation = Generation::new(tombstone.get() + above).unwrap();
                let ensure = nat_groups::Ensure {
                    group: name.clone(),
                    generation,
                    mappings: SortedMappings::default(),
                    adopt: nat_groups::Adopt::None,
                    reserve: None,
                    max_removals: None,
                    allow_empty: false,
                };
                match step.after.ensure(&[ensure], &crate::universe::stamp(99)) {
                    Ok(decision) => {
                        prop_assert!(above > 0);
                        prop_assert_eq!(decision.next.tombstone(name), None);
                    }
                    Err(refusal) => {
                        prop_assert_eq!(above, 0);
                        let is_stale =
                            matches!(refusal, Refusal::StaleGeneration { deleted: true, .. });
                        prop_assert!(is_stale, "{}", refusal);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn any_two_kept_generations_differ_by_what_the_oracle_says(
        rules in any_rules(),
        commands in any_commands(),
    ) {
        walk_store(&rules, &commands, |step| {
            for naive in &step.after_naive.groups {
                let group = step.after.group(&naive.name).unwrap();
                for (from, naive_from) in group.generations().zip(&naive.versions) {
                    for (to, naive_to) in group.generations().zip(&naive.versions) {
                        let expected = changes(&naive_from.mappings, &naive_to.mappings);
                        let found: Vec<_> = from.set.diff(&to.set).collect();
                        prop_assert_eq!(&found, &expected);
                        let wanted = SortedMappings::new(naive_to.mappings.clone()).unwrap();
                        prop_assert_eq!(from.set.changes_to(&wanted), expected);
                        let mut back = to.set.clone();
                        let inverse: Vec<_> = found.iter().map(|change| change.inverse()).collect();
                        back.apply(&inverse);
                        prop_assert_eq!(back.diff(&from.set).count(), 0);
                        back.validate().map_err(TestCaseError::fail)?;
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_digest_is_the_sum_of_the_hashes_modulo_2_to_the_256(
        mappings in proptest::collection::vec(crate::universe::any_mapping(), 0..20),
    ) {
        let mut sum = [0_u8; 32];
        for mapping in &mappings {
            let mut carry = 0;
            for (byte, term) in sum.iter_mut().zip(Sha256::digest(published_bytes(mapping))) {
                let total = u16::from(*byte) + u16::from(term) + carry;
                (*byte, carry) = (total as u8, total >> 8);
            }
        }
        prop_assert_eq!(digest(&mappings).to_bytes(), sum);
    }
}

/// Group by group, generation by generation.
pub fn agree(store: &Store, naive: &NaiveStore) -> TestCaseResult {
    let mut names: Vec<&GroupName> = naive.groups.iter().map(|group| &group.name).collect();
    names.sort();
    prop_assert_eq!(store.groups_after(None).map(|group| group.name()).collect::<Vec<_>>(), names);
    for group in &naive.groups {
        agree_on_group(store.group(&group.name).unwrap(), group, naive)?;
    }
    for name in (0..3).map(crate::universe::group) {
        prop_assert_eq!(store.tombstone(&name), naive.tombstone(&name));
    }
    for family in Family::ALL {
        prop_assert_eq!(store.rows()[family], naive.rows(family));
        prop_assert_eq!(store.committed_rows()[family], naive.committed(family));
    }
    prop_assert_eq!(store.len(), naive.all().len());
    prop_assert_eq!(store.is_empty(), naive.all().is_empty());
    Ok(())
}

fn agree_on_group(group: &Group, naive: &NaiveGroup, all: &NaiveStore) -> TestCaseResult {
    prop_assert_eq!(group.generations().count(), naive.versions.len());
    for (version, expected) in group.generations().zip(&naive.versions) {
        prop_assert_eq!(version.generation, expected.generation);
        prop_assert_eq!(&version.set.iter().collect::<Vec<_>>(), &expected.mappings);
        prop_assert_eq!(version.set.digest(), digest(&expected.mappings));
        prop_assert_eq!(version.set.len(), expected.mappings.len());
        prop_assert_eq!(version.reserve, expected.reserve);
        prop_assert_eq!(version.counts, expected.counts);
        prop_assert_eq!(&version.stamp, &expected.stamp);
        for family in Family::ALL {
            let of_family = |mapping: &&Mapping| mapping.slot.family() == family;
            let entries = expected.mappings.iter().filter(of_family).count() as u64;
            let rows = all.rows_of(&expected.mappings, family);
            let unused = expected.reserve[family].saturating_sub(rows);
            prop_assert_eq!(version.set.entries()[family], entries);
            prop_assert_eq!(version.set.rows()[family], rows);
            prop_assert_eq!(version.unused_reserve(family), unused);
            prop_assert_eq!(version.committed_rows()[family], rows + unused);
        }
        let kept = group.generation(expected.generation).unwrap();
        prop_assert_eq!(kept.set.digest(), version.set.digest());
    }
    prop_assert_eq!(group.oldest().generation, naive.versions.last().unwrap().generation);
    Ok(())
}

pub fn finds_what_is_there(store: &Store, naive: &NaiveStore) -> TestCaseResult {
    let all = naive.all();
    for (external, port) in packets() {
        let here = Slot { external, ports: nat_groups::PortRange::single(port) };
        let expected = all.iter().find(|(mapping, _)| share_a_packet(&mapping.slot, &here));
        let found = store.covering(external, port);
        let found = found.map(|(mapping, group)| (mapping, group.name().clone()));
        prop_assert_eq!(found.as_ref(), expected);
    }
    for (mapping, group) in &all {
        let group = store.group(group).unwrap();
        prop_assert_eq!(store.owner(&mapping.slot), Some(group.id()));
        let has = |versions: &[Generation]| {
            group.unchanged_since(&mapping.slot) == versions.last().copied()
        };
        let unchanged: Vec<Generation> = naive
            .group(group.name())
            .unwrap()
            .versions
            .iter()
            .take_while(|version| version.mappings.contains(mapping))
            .map(|version| version.generation)
            .collect();
        prop_assert!(has(&unchanged), "{mapping} is unchanged in {unchanged:?}");
    }
    for address in 0..3 {
        for (low, high) in [(0, 0), (0, 65535), (1, 16383), (16384, 65534), (65535, 65535)] {
            let slot = slot(address, low, high);
            let found: Vec<_> = store.overlapping(slot).map(|(mapping, _)| mapping).collect();
            let expected: Vec<_> = all
                .iter()
                .rev()
                .map(|(mapping, _)| *mapping)
                .filter(|mapping| share_a_packet(&mapping.slot, &slot))
                .collect();
            prop_assert_eq!(found, expected);
            let exactly = all.iter().find(|(mapping, _)| mapping.slot == slot);
            let owner = store.owner(&slot).map(|id| store.group_by_id(id).unwrap().name());
            prop_assert_eq!(owner, exactly.map(|(_, group)| group));
        }
    }
    Ok(())
}

pub fn lists_from_anywhere(store: &Store, naive: &NaiveStore) -> TestCaseResult {
    for after in (0..4).map(crate::universe::group) {
        let mut expected: Vec<_> = naive.groups.iter().map(|group| group.name.clone()).collect();
        expected.retain(|name| *name > after);
        expected.sort();
        prop_assert_eq!(
            store.groups_after(Some(&after)).map(|group| group.name().clone()).collect::<Vec<_>>(),
            expected
        );
    }
    let all = naive.all();
    for family in Family::ALL {
        for after in addresses().map(Some).into_iter().chain([None]) {
            let mut expected: Vec<_> =
                all.iter().map(|(mapping, _)| mapping.slot.external).collect();
            expected.retain(|address| address.family() == family && Some(*address) > after);
            expected.dedup();
            prop_assert_eq!(store.addresses(family, after).collect::<Vec<_>>(), expected);
        }
    }
    for (low, high) in [(0, 0), (1, 16383), (16384, 65535), (65535, 65535)] {
        for address in 0..3 {
            let from = slot(address, low, high);
            let key = |mapping: &Mapping| slot_key(&mapping.slot);
            let found: Vec<_> = store.mappings_from(from).map(|(mapping, _)| mapping).collect();
            let mut expected: Vec<_> = all.iter().map(|(mapping, _)| *mapping).collect();
            expected.retain(|mapping| key(mapping) >= slot_key(&from));
            prop_assert_eq!(found, expected);
            for group in &naive.groups {
                let set = &store.group(&group.name).unwrap().current().set;
                let mut expected = group.current().mappings.clone();
                expected.retain(|mapping| key(mapping) > slot_key(&from));
                prop_assert_eq!(&set.after(Some(from)).collect::<Vec<_>>(), &expected);
                for external in addresses() {
                    let mut expected = expected.clone();
                    expected.retain(|mapping| mapping.slot.external == external);
                    prop_assert_eq!(
                        set.of_address(external, Some(from)).collect::<Vec<_>>(),
                        expected
                    );
                    let mut expected = group.current().mappings.clone();
                    expected.retain(|mapping| mapping.slot.external == external);
                    prop_assert_eq!(set.of_address(external, None).collect::<Vec<_>>(), expected);
                }
            }
        }
    }
    Ok(())
}

/// The canonical bytes of a mapping, field by field as they are published.
fn published_bytes(Mapping { slot, target }: &Mapping) -> Vec<u8> {
    let (family, external) = match std::net::IpAddr::from(slot.external) {
        std::net::IpAddr::V4(v4) => (4, u128::from(v4.to_bits())),
        std::net::IpAddr::V6(v6) => (6, v6.to_bits()),
    };
    let mut bytes = vec![family];
    bytes.extend(external.to_be_bytes());
    bytes.extend(slot.ports.low().to_be_bytes());
    bytes.extend(slot.ports.high().to_be_bytes());
    bytes.extend(target.internal_ip.octets());
    bytes.extend(target.inner_mac.0);
    bytes.extend(target.vni.get().to_be_bytes());
    bytes
}
