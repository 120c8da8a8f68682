//! What an unreliable device does, and that it never says what is not so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use asic::{
    Action, Asic, ChaosAsic, ChaosConfig, ChaosSwitch, FaultCounts, MatchKey, MemoryAsic,
    MemoryConfig, MemoryHandle, NoAnswer, Outcome, ReadError, Refusal, Row, Step, Table,
    TableWrite, WriteError,
};
use rstest::rstest;

const TABLE: Table = Table::NatIngressIpv4;
const TIMEOUT: Duration = Duration::from_secs(60);

struct Fixture {
    asic: ChaosAsic,
    switch: ChaosSwitch,
    memory: MemoryHandle,
    slept: Arc<Mutex<Vec<Duration>>>,
}

fn chaos(config: &str) -> Fixture {
    chaos_over(MemoryConfig::default(), config)
}

fn chaos_over(memory: MemoryConfig, config: &str) -> Fixture {
    let memory = MemoryAsic::new(memory);
    let handle = memory.handle();
    let slept = Arc::new(Mutex::new(Vec::new()));
    let sleep = {
        let slept = Arc::clone(&slept);
        Box::new(move |time| slept.lock().unwrap().push(time))
    };
    let config: ChaosConfig = config.parse().unwrap();
    let asic = ChaosAsic::new(Box::new(memory), config, sleep);
    Fixture { switch: asic.switch(), asic, memory: handle, slept }
}

fn row(number: u32) -> Row {
    let address = Ipv4Addr::from_bits(0xcb00_7100 + number);
    let key = MatchKey::builder(TABLE).exact(address).range(0, 65535).build().unwrap();
    let action = Action::builder(TABLE, "forward_ipv4_to")
        .argument(Ipv6Addr::LOCALHOST)
        .argument([2, 0, 0, 0, 0, 1])
        .argument(number)
        .build()
        .unwrap();
    Row::new(key, action).unwrap()
}

fn inserts(numbers: std::ops::Range<u32>) -> Vec<TableWrite> {
    numbers.map(|number| TableWrite::Insert(row(number))).collect()
}

fn rows(numbers: std::ops::Range<u32>) -> Vec<Row> {
    numbers.map(row).collect()
}

fn refused() -> Outcome {
    Err(WriteError::Refused(Refusal::Device { words: "refused by chaos".to_owned() }))
}

fn not_attempted() -> Outcome {
    Err(WriteError::NotAttempted)
}

fn lost() -> Outcome {
    Err(WriteError::Unknown(NoAnswer::Lost))
}

#[test]
fn it_is_named_after_the_device_it_wraps() {
    let Fixture { asic, .. } = chaos("");
    assert_eq!(asic.name(), "chaos(memory)");
    assert_eq!(asic.size_rows(TABLE), 1024);
    assert_eq!(asic.capabilities(), MemoryAsic::new(MemoryConfig::default()).capabilities());
}

#[test]
fn a_refused_batch_changes_nothing() {
    let Fixture { mut asic, memory, switch, .. } = chaos("refuse=1");
    let outcomes = asic.write(&inserts(0..3), TIMEOUT);
    assert_eq!(outcomes, [refused(), not_attempted(), not_attempted()]);
    assert_eq!(memory.rows(TABLE), []);
    assert_eq!(switch.faults(), FaultCounts { refused: 1, ..FaultCounts::default() });
}

#[test]
fn a_batch_refused_midway_is_performed_up_to_there() {
    let mut lengths = [0_usize; 4];
    for seed in 0..100 {
        let Fixture { mut asic, memory, .. } = chaos(&format!("midway=1,seed={seed}"));
        let outcomes = asic.write(&inserts(0..4), TIMEOUT);
        let performed = outcomes.iter().take_while(|outcome| outcome.is_ok()).count();
        assert_eq!(outcomes[performed], refused());
        assert!(outcomes[performed + 1..].iter().all(|outcome| *outcome == not_attempted()));
        assert_eq!(outcomes.len(), 4);
        assert_eq!(memory.rows(TABLE), rows(0..performed as u32));
        lengths[performed] += 1;
    }
    assert!(lengths.iter().all(|count| *count > 0), "{lengths:?}");
}

#[test]
fn a_lost_answer_leaves_any_of_the_writes_performed() {
    let mut seen = [false; 8];
    for seed in 0..200 {
        let Fixture { mut asic, memory, switch, .. } = chaos(&format!("lose=1,seed={seed}"));
        assert_eq!(asic.write(&inserts(0..3), TIMEOUT), [lost(), lost(), lost()]);
        let performed = memory.rows(TABLE);
        let subset: usize = (0..3)
            .filter(|number| performed.contains(&row(*number)))
            .map(|number| 1 << number)
            .sum();
        seen[subset] = true;
        assert_eq!(switch.faults().lost, 1);
    }
    assert_eq!(seen, [true; 8]);
}

#[test]
fn an_answer_is_lost_only_for_what_the_device_was_asked() {
    let max_batch = NonZeroUsize::new(2).unwrap();
    let memory = MemoryConfig { max_batch, ..MemoryConfig::default() };
    let Fixture { mut asic, .. } = chaos_over(memory, "lose=1");
    assert_eq!(asic.write(&inserts(0..3), TIMEOUT), [lost(), lost(), not_attempted()]);
}

#[test]
fn a_delay_within_the_deadline_only_takes_time() {
    let Fixture { mut asic, memory, slept, switch } = chaos("delay=1,max-delay-ms=50,seed=3");
    for number in 0..20 {
        assert_eq!(asic.write(&inserts(number..number + 1), TIMEOUT), [Ok(())]);
    }
    assert_eq!(asic.read(TABLE, TIMEOUT).unwrap(), rows(0..20));
    assert_eq!(memory.rows(TABLE), rows(0..20));
    let slept = slept.lock().unwrap();
    assert_eq!(slept.len(), 21);
    assert!(slept.iter().all(|time| *time < Duration::from_millis(50)));
    assert!(slept.iter().any(|time| *time > Duration::from_millis(25)));
    assert_eq!(switch.faults(), FaultCounts { delayed: 21, ..FaultCounts::default() });
}

#[test]
fn a_delay_beyond_the_deadline_leaves_the_outcome_unknown() {
    let timeout = Duration::from_millis(1);
    let deadline = NoAnswer::Deadline { timeout };
    let mut seen = [false; 2];
    for seed in 0..50 {
        let config = format!("delay=1,max-delay-ms=1000000,seed={seed}");
        let Fixture { mut asic, memory, slept, .. } = chaos(&config);
        assert_eq!(asic.write(&inserts(0..1), timeout), [Err(WriteError::Unknown(deadline))]);
        assert_eq!(slept.lock().unwrap().as_slice(), [timeout]);
        seen[memory.rows(TABLE).len()] = true;
        assert_eq!(
            asic.read(TABLE, timeout),
            Err(ReadError::NoAnswer { table: TABLE, reason: deadline })
        );
    }
    assert_eq!(seen, [true; 2]);
}

#[rstest]
#[case("seed=1,refuse=0.1,midway=0.1,lose=0.1,delay=0.2")]
#[case("seed=2,refuse=0.1,midway=0.1,lose=0.1,delay=0.2")]
fn a_seed_gives_the_same_faults_again(#[case] config: &str) {
    let run = || {
        let Fixture { mut asic, memory, slept, switch } = chaos(config);
        let outcomes: Vec<_> =
            (0..100).map(|n| asic.write(&inserts(n * 4..n * 4 + 4), TIMEOUT)).collect();
        let slept = slept.lock().unwrap().clone();
        (outcomes, memory.rows(TABLE), slept, switch.faults())
    };
    let (first, again) = (run(), run());
    assert_eq!(first, again);
    let faults = first.3;
    assert!(faults.refused > 0 && faults.midway > 0 && faults.lost > 0 && faults.delayed > 0);
}

#[test]
fn whatever_happens_the_outcomes_are_true() {
    let config = "seed=5,refuse=0.1,midway=0.2,lose=0.2";
    let Fixture { mut asic, memory, switch, .. } = chaos(config);
    for number in (0..800).step_by(4) {
        let writes = inserts(number..number + 4);
        let outcomes = asic.write(&writes, TIMEOUT);
        assert_eq!(outcomes.len(), writes.len());
        for (write, outcome) in writes.iter().zip(outcomes) {
            let performed = memory.row(write.key()).is_some();
            match outcome {
                Ok(()) => assert!(performed, "{write}"),
                Err(WriteError::Refused(_) | WriteError::NotAttempted) => {
                    assert!(!performed, "{write}");
                }
                Err(WriteError::Unknown(_)) => {}
            }
        }
    }
    let faults = switch.faults();
    assert!(faults.refused > 0 && faults.midway > 0 && faults.lost > 0, "{faults:?}");
}

#[test]
fn reads_fail_at_the_rate_of_refusals() {
    let Fixture { mut asic, switch, .. } = chaos("seed=1,refuse=0.5");
    let refused = ReadError::Refused { table: TABLE, words: "refused by chaos".to_owned() };
    let mut failed = 0;
    for _ in 0..100 {
        failed += u64::from(asic.read(TABLE, TIMEOUT) == Err(refused.clone()));
        failed += u64::from(asic.counters(TABLE, TIMEOUT) == Err(refused.clone()));
    }
    assert!((60..140).contains(&failed), "{failed}");
    assert_eq!(switch.faults().reads_failed, failed);
}

#[test]
fn faults_by_chance_can_be_switched_off_and_on() {
    let Fixture { mut asic, switch, .. } = chaos("refuse=1");
    switch.set_random_faults(false);
    assert_eq!(asic.write(&inserts(0..1), TIMEOUT), [Ok(())]);
    assert_eq!(asic.read(TABLE, TIMEOUT).unwrap(), rows(0..1));
    switch.set_random_faults(true);
    assert_eq!(asic.write(&inserts(1..2), TIMEOUT), [refused()]);
}

#[test]
fn a_write_can_be_refused_after_a_number_of_others() {
    let Fixture { mut asic, switch, memory, .. } = chaos("");
    switch.refuse_after(3);
    // The count goes on from one batch to the next.
    assert_eq!(asic.write(&inserts(0..2), TIMEOUT), [Ok(()), Ok(())]);
    let outcomes = asic.write(&inserts(2..5), TIMEOUT);
    assert_eq!(outcomes, [Ok(()), refused(), not_attempted()]);
    assert_eq!(memory.rows(TABLE), rows(0..3));
    assert_eq!(asic.write(&inserts(3..5), TIMEOUT), [Ok(()), Ok(())]);
    assert_eq!(switch.faults(), FaultCounts { midway: 1, ..FaultCounts::default() });
}

#[test]
fn a_script_goes_before_chance() {
    let Fixture { mut asic, switch, memory, .. } = chaos("refuse=1");
    switch.script([Step::Perform(2), Step::Refuse(2), Step::Perform(1)]);
    assert_eq!(asic.write(&inserts(0..3), TIMEOUT), [Ok(()), Ok(()), refused()]);
    assert_eq!(asic.write(&inserts(2..4), TIMEOUT), [refused(), not_attempted()]);
    assert_eq!(asic.write(&inserts(2..4), TIMEOUT), [Ok(()), refused()]);
    assert_eq!(memory.rows(TABLE), rows(0..3));
}

#[rstest]
#[case::performed(true, 2)]
#[case::not_performed(false, 1)]
fn an_answer_can_be_lost_by_script(#[case] performed: bool, #[case] rows_held: u32) {
    let Fixture { mut asic, switch, memory, .. } = chaos("");
    switch.script([Step::Perform(1), Step::Lose { performed }]);
    assert_eq!(asic.write(&inserts(0..3), TIMEOUT), [Ok(()), lost(), not_attempted()]);
    assert_eq!(memory.rows(TABLE), rows(0..rows_held));
}

#[test]
fn a_refusal_of_the_device_ends_a_scripted_batch_too() {
    let Fixture { mut asic, switch, memory, .. } = chaos("");
    memory.alter(&TableWrite::Insert(row(1))).unwrap();
    switch.script([Step::Perform(3)]);
    let exists = Err(WriteError::Refused(Refusal::Exists { key: row(1).key() }));
    assert_eq!(asic.write(&inserts(0..3), TIMEOUT), [Ok(()), exists, not_attempted()]);
    assert_eq!(memory.rows(TABLE), rows(0..2));
}

#[test]
fn everything_can_be_refused_from_now_on() {
    let Fixture { mut asic, switch, memory, .. } = chaos("");
    switch.refuse_writes(true);
    switch.refuse_reads(true);
    for _ in 0..3 {
        assert_eq!(asic.write(&inserts(0..2), TIMEOUT), [refused(), not_attempted()]);
        assert!(asic.read(TABLE, TIMEOUT).is_err());
        assert!(asic.counters(TABLE, TIMEOUT).is_err());
    }
    assert_eq!(memory.rows(TABLE), []);
    switch.refuse_writes(false);
    switch.refuse_reads(false);
    assert_eq!(asic.write(&inserts(0..2), TIMEOUT), [Ok(()), Ok(())]);
    assert_eq!(asic.read(TABLE, TIMEOUT).unwrap(), rows(0..2));
}

#[test]
fn blocked_writes_wait_until_they_are_released() {
    let Fixture { mut asic, switch, memory, .. } = chaos("");
    let blocked = switch.block_writes();
    let writer = thread::spawn(move || asic.write(&inserts(0..2), TIMEOUT));
    assert!(blocked.wait_for_writer(TIMEOUT));
    assert_eq!(memory.rows(TABLE), []);
    drop(blocked);
    assert_eq!(writer.join().unwrap(), [Ok(()), Ok(())]);
    assert_eq!(memory.rows(TABLE), rows(0..2));
}

#[test]
fn writes_blocked_until_their_deadline_are_unknown() {
    let Fixture { mut asic, switch, memory, .. } = chaos("");
    let timeout = Duration::from_millis(1);
    let blocked = switch.block_writes();
    let unknown = Err(WriteError::Unknown(NoAnswer::Deadline { timeout }));
    assert_eq!(asic.write(&inserts(0..2), timeout), [unknown.clone(), unknown]);
    assert_eq!(memory.rows(TABLE), []);
    assert!(!blocked.wait_for_writer(timeout));
    drop(blocked);
    assert_eq!(asic.write(&inserts(0..1), timeout), [Ok(())]);
}

#[test]
fn writes_stay_blocked_until_no_one_blocks_them() {
    let Fixture { mut asic, switch, .. } = chaos("");
    let (one, other) = (switch.block_writes(), switch.block_writes());
    drop(one);
    assert!(asic.write(&inserts(0..1), Duration::from_millis(1))[0].is_err());
    drop(other);
    assert_eq!(asic.write(&inserts(0..1), TIMEOUT), [Ok(())]);
}
