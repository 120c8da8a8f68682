//! What packets see of writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use asic::soft_ports::Forwarder as _;
use p4runtime::v1;
use softswitch::{PacketRun, SoftSwitch};
use tonic::Code;
use v1::entity::Entity;
use v1::update::Type;
use v1::write_request::Atomicity;

use crate::common::{Bed, M, data, update};

/// A packet of the given kind, and what the two tables made of it.
fn seen(switch: &SoftSwitch, run: &mut PacketRun, kind: u8) -> (u8, u8) {
    // a, b, wide, kind, and what is left and right of the tables between.
    let mut packet = vec![0; 25];
    packet[22] = kind;
    let mut answer = None;
    switch.forward(run, 0, &packet, &mut |_, sent| answer = Some((sent[23], sent[24])));
    answer.unwrap()
}

/// Two tables agree on each kind of packet. They are changed in batches that are atomic, and that
/// fail now and then, while packets run: no packet ever sees one table changed and the other not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_see_all_of_an_atomic_batch_or_nothing() {
    const BATCHES: u8 = 200;
    const KINDS: u8 = 60;
    let mut bed = Bed::new().await;
    let entries = |bed: &Bed, value: u8, table: &str, action: &str| -> Vec<Entity> {
        let entry =
            |kind: u8| bed.ids.entry(table, &[M::Exact(kind.into())], 0, (action, &[value.into()]));
        (0..KINDS).map(|kind| Entity::TableEntry(entry(kind))).collect()
    };
    let batch = |bed: &Bed, kind, value| -> Vec<v1::Update> {
        let left = entries(bed, value, "left_t", "left");
        let right = entries(bed, value, "right_t", "right");
        left.into_iter().chain(right).map(|entity| update(kind, entity)).collect()
    };
    let first = batch(&bed, Type::Insert, 0);
    assert_eq!(bed.write(Atomicity::DataplaneAtomic, first).await, Ok(()));

    let is_over = Arc::new(AtomicBool::new(false));
    let rounds = Arc::new(AtomicUsize::new(0));
    let packets = {
        let (is_over, rounds) = (Arc::clone(&is_over), Arc::clone(&rounds));
        let switch = bed.switch.clone();
        thread::spawn(move || {
            let mut run = switch.run();
            let mut disagreements = 0;
            // The last round is after the last write.
            loop {
                let is_last = is_over.load(Ordering::Acquire);
                for kind in 0..KINDS {
                    let (left, right) = seen(&switch, &mut run, kind);
                    disagreements += usize::from(left != right);
                }
                rounds.fetch_add(1, Ordering::Release);
                if is_last {
                    return (disagreements, seen(&switch, &mut run, 1));
                }
            }
        })
    };
    for value in 1..=BATCHES {
        // A round of packets at least between two batches.
        let before = rounds.load(Ordering::Acquire);
        while rounds.load(Ordering::Acquire) == before {
            tokio::task::yield_now().await;
        }
        let mut updates = batch(&bed, Type::Modify, value);
        if value % 7 == 0 {
            updates.push(updates[0].clone());
            updates.last_mut().unwrap().r#type = Type::Insert.into();
            let errors = bed.write(Atomicity::DataplaneAtomic, updates.clone()).await.unwrap_err();
            assert_eq!(errors.last().unwrap().0, Code::AlreadyExists);
            updates.pop();
        }
        assert_eq!(bed.write(Atomicity::DataplaneAtomic, updates).await, Ok(()));
    }
    is_over.store(true, Ordering::Release);
    let (disagreements, last) = packets.join().unwrap();
    assert_eq!((disagreements, last), (0, (BATCHES, BATCHES)));
}

/// What packets count and write is what controllers read.
#[tokio::test]
async fn what_packets_leave_is_read() {
    let mut bed = Bed::new().await;
    let switch = bed.switch.clone();
    let key = [M::Exact(0), M::Exact(0)];
    bed.insert(vec![bed.ids.entry("exact_t", &key, 0, ("send", &[3]))]).await;
    let mut run = switch.run();
    for _ in 0..3 {
        seen(&switch, &mut run, 2);
    }
    let asked =
        v1::TableEntry { counter_data: Some(data(0, 0)), ..bed.ids.key("exact_t", &key, 0) };
    assert_eq!(bed.entries(asked).await[0].counter_data, Some(data(3, 75)));
    let counter_id = bed.ids.counter("I.seen");
    let element = v1::CounterEntry { counter_id, index: Some(v1::Index { index: 2 }), data: None };
    let counted = v1::CounterEntry { data: Some(data(3, 75)), ..element };
    let read = bed.read(vec![Entity::CounterEntry(element)]).await;
    assert_eq!(read, [Entity::CounterEntry(counted)]);
    let register = |data| {
        Entity::RegisterEntry(v1::RegisterEntry {
            register_id: bed.ids.register("I.flags"),
            index: Some(v1::Index { index: 0 }),
            data,
        })
    };
    let (asked, set) =
        (register(None), register(Some(v1::P4Data { data: Some(v1::p4_data::Data::Bool(true)) })));
    assert_eq!(bed.read(vec![asked]).await, [set]);
}
