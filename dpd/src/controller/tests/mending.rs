//! What is mended, when it is tried again, and what is said of it meanwhile.

use super::*;
use asic::{NoAnswer, Refusal};
use journal::{CommitError, Journal};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A clock that goes when it is told to.
#[derive(Debug, Default)]
struct HandClock(Mutex<Duration>);

impl HandClock {
    fn go_on(&self, time: Duration) {
        *self.0.lock() += time;
    }
}

impl Clock for HandClock {
    fn elapsed(&self) -> Duration {
        *self.0.lock()
    }

    fn unix_micros(&self) -> u64 {
        1_000_000 + u64::try_from(self.0.lock().as_micros()).unwrap()
    }
}

/// A switch with a controller whose clock is in our hands.
fn at_hand() -> (Switch, Arc<HandClock>, Controller) {
    let (switch, clock) = (Switch::new(100), Arc::new(HandClock::default()));
    let controller = inhabited_by(&switch, clock.clone());
    (switch, clock, controller)
}

fn refused() -> WriteError {
    Refusal::Device { words: "not now".to_owned() }.into()
}

fn full() -> WriteError {
    Refusal::TableFull { table: Table::NatIngressIpv4, size_rows: 6 }.into()
}

fn away() -> WriteError {
    Refusal::NotConnected { words: "nobody is there".to_owned() }.into()
}

fn late() -> WriteError {
    WriteError::Unknown(NoAnswer::Deadline { timeout: Duration::from_secs(1) })
}

fn mending(controller: &Controller, group: &str) -> Option<Mending> {
    let snapshot = controller.published().load();
    let id = snapshot.store.group(&GroupName::new(group).unwrap()).unwrap().id();
    snapshot.mending(id).cloned()
}

/// A group is torn, in a device to each of whose writes this happens.
fn tear(switch: &Switch, controller: &mut Controller, verdict: WriteError) {
    // Its rows are gone, so that the way back has to be written too.
    switch.lose_rows();
    switch.found();
    switch.state.lock().verdict = Some(verdict);
    controller.change(&ensure("services", 2, 2)).unwrap_err();
    assert_eq!(states(controller)[0], GroupState::Torn);
}

#[rstest]
#[case::refusal(refused(), WaitsFor::Retry)]
#[case::lost_answer(WriteError::Unknown(NoAnswer::Lost), WaitsFor::Retry)]
#[case::table_full(full(), WaitsFor::Room)]
#[case::nobody_there(away(), WaitsFor::Device)]
#[case::too_late(late(), WaitsFor::Device)]
fn a_fault_says_what_is_waited_for(#[case] verdict: WriteError, #[case] waits_for: WaitsFor) {
    let (switch, clock, mut controller) = at_hand();
    tear(&switch, &mut controller, verdict);
    let before = mending(&controller, "services").unwrap();
    assert_eq!((before.attempts, before.waits_for), (0, None));
    assert_eq!(controller.due_in(), Some(Duration::ZERO));
    for attempts in 1..4 {
        assert_eq!(repair(&mut controller), Repair::Failed(waits_for));
        let after = mending(&controller, "services").unwrap();
        assert_eq!((after.attempts, after.waits_for), (attempts, Some(waits_for)));
        assert_eq!(after.since_unix_micros, before.since_unix_micros);
        assert!(after.error.is_some());
        let due_in = controller.due_in().unwrap();
        assert!(due_in >= Duration::from_millis(75), "{due_in:?}");
        let due_at = clock.unix_micros() + u64::try_from(due_in.as_micros()).unwrap();
        assert_eq!(after.next_attempt_unix_micros, Some(due_at));
        clock.go_on(due_in);
        assert_eq!(controller.due_in(), Some(Duration::ZERO));
    }
    switch.state.lock().verdict = None;
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(states(&controller), [GroupState::Programmed; 2]);
    assert_eq!((mending(&controller, "services"), controller.due_in()), (None, None));
}

#[test]
fn a_device_that_returns_is_not_waited_for_any_longer() {
    let (switch, _, mut controller) = at_hand();
    tear(&switch, &mut controller, away());
    for _ in 0..9 {
        assert_eq!(repair(&mut controller), Repair::Failed(WaitsFor::Device));
    }
    assert!(controller.due_in().unwrap() > Duration::from_secs(10));
    switch.state.lock().verdict = None;
    switch.found();
    assert_eq!(controller.due_in(), Some(Duration::ZERO));
    assert_eq!(repair(&mut controller), Repair::Clean);
}

#[test]
fn a_device_that_is_away_leaves_no_group_programmed() {
    let (switch, _, mut controller) = at_hand();
    assert_eq!(controller.due_in(), None);
    // It goes, and cannot be read; it is woken for that.
    switch.found();
    switch.state.lock().is_unreadable = true;
    assert_eq!(controller.due_in(), Some(Duration::ZERO));
    assert_eq!(repair(&mut controller), Repair::Failed(WaitsFor::Retry));
    assert_eq!(states(&controller), [GroupState::Repairing; 2]);
    let said = mending(&controller, "instances").unwrap();
    assert!(said.error.unwrap().contains("not now"));
}

/// A change of another group shows that the device does what it is told.
#[test]
fn a_change_that_succeeds_lets_a_repair_be_tried_at_once_unless_there_is_no_room() {
    for (verdict, is_tried) in [(refused(), true), (full(), false)] {
        let (switch, _, mut controller) = at_hand();
        tear(&switch, &mut controller, verdict);
        assert_eq!(states(&controller)[0], GroupState::Torn);
        repair(&mut controller);
        switch.state.lock().verdict = None;
        controller.change(&ensure("instances", 2, 2)).unwrap();
        assert_eq!(controller.due_in() == Some(Duration::ZERO), is_tried);
    }
}

#[test]
fn a_request_to_repair_does_not_wait() {
    let (switch, _, mut controller) = at_hand();
    tear(&switch, &mut controller, full());
    repair(&mut controller);
    assert!(controller.due_in().unwrap() > Duration::from_secs(20));
    controller.ask_repair();
    assert_eq!(controller.due_in(), Some(Duration::ZERO));
}

/// Six rows are lost of each group, and there is room for no more than half of them: what fits comes.
#[test]
fn where_not_everything_fits_what_fits_is_repaired() {
    let switch = Switch::new(100);
    let mut controller = inhabited(&switch);
    let smaller = |table| match table {
        Table::NatIngressIpv4 | Table::NatIngressIpv6 => 4,
        other => switch.tables.reconnect().size_rows(other),
    };
    let config = MemoryConfig { size_rows: PerTable::from_fn(smaller), ..MemoryConfig::default() };
    let other = Switch { tables: MemoryAsic::new(config).handle(), state: Arc::default() };
    controller.asic = other.device();
    controller.capacity.size_rows = PerFamily { v4: 4, v6: 4 };
    controller.epoch = Epoch::of(&*controller.asic);
    controller.ask_repair();
    controller.doubtful = PerFamily { v4: true, v6: true };
    assert_eq!(repair(&mut controller), Repair::Failed(WaitsFor::Room));
    assert_eq!(states(&controller), [GroupState::Programmed, GroupState::Repairing]);
    assert_eq!(other.tables.rows(Table::NatIngressIpv4).len(), 3);
    // A deletion makes room.
    let group = GroupName::new("services").unwrap();
    let command = Command::Delete { group, generation: Generation::new(2).unwrap() };
    controller.change(&Request { command, dry_run: false, stamp: stamp() }).unwrap();
    assert_eq!(controller.due_in(), Some(Duration::ZERO));
    assert_eq!(repair(&mut controller), Repair::Clean);
}

/// Requests go between batches: a repair that is asked to pause does so after one.
#[test]
fn a_request_waits_for_one_batch_of_a_repair_at_most() {
    let switch = Switch::new(1000);
    let mut controller = controller(&switch);
    let mut large = ensure("services", 1, 1);
    let Command::Ensure(ensures) = &mut large.command else { panic!("not an ensure") };
    let target = ensures[0].mappings.as_slice()[0].target;
    let mapping = |port| Mapping {
        slot: Slot::new(Ipv4Addr::new(203, 0, 113, 9), PortRange::single(port)),
        target,
    };
    ensures[0].mappings = SortedMappings::new((0..1000).map(mapping).collect()).unwrap();
    controller.change(&large).unwrap();
    switch.restart();
    switch.take_writes();
    let mut batches = Vec::new();
    loop {
        let result = controller.repair(&mut || true);
        batches.push(switch.take_writes().len());
        if result == Repair::Clean {
            break;
        }
        assert_eq!(result, Repair::Paused);
        assert_eq!(controller.due_in(), Some(Duration::ZERO));
        // What asks between is answered, and the repair goes on from where it was.
        controller.read_table(Table::NatIngressIpv4).unwrap();
    }
    assert!(batches.iter().all(|batch| *batch <= Repair::BATCH), "{batches:?}");
    assert_eq!(batches.iter().sum::<usize>(), switch.rows().len());
}

/// A journal that loses what it is told, until it is well again.
struct SickJournal {
    journal: Box<dyn Journal>,
    sick_for: Arc<AtomicUsize>,
}

impl SickJournal {
    /// Whether it is sick, which it is once less from then on.
    fn is_sick(&self) -> Result<(), JournalFault> {
        let fewer = |left: usize| left.checked_sub(1);
        match self.sick_for.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer) {
            Ok(_) => Err(JournalFault::Unsettled),
            Err(_) => Ok(()),
        }
    }
}

impl Journal for SickJournal {
    fn commit(&mut self, step: &Step) -> Result<(), CommitError> {
        self.is_sick().map_err(CommitError::Unknown)?;
        self.journal.commit(step)
    }

    fn settle(&mut self) -> Result<bool, JournalFault> {
        self.is_sick()?;
        self.journal.settle()
    }
}

/// It was tried again without any pause.
#[test]
fn a_journal_in_debt_is_settled_by_the_same_times() {
    let (_, clock, mut controller) = at_hand();
    let sick_for = Arc::new(AtomicUsize::new(0));
    let limits = Limits { history: 4, max_groups: 10 };
    let (journal, _) = RedbJournal::in_memory(limits, one_row, stamp()).unwrap();
    let journal = SickJournal { journal: Box::new(journal), sick_for: Arc::clone(&sick_for) };
    controller.keeper = Keeper::new(Box::new(journal));
    // The commit, the question what became of it, and two more.
    sick_for.store(4, Ordering::Relaxed);
    let failure = controller.change(&ensure("services", 2, 2)).unwrap_err();
    assert!(matches!(failure, Failure::Journal(_)), "{failure}");
    for attempts in 1..=2 {
        assert_eq!(controller.due_in(), Some(Duration::ZERO));
        assert_eq!(repair(&mut controller), Repair::Failed(WaitsFor::Journal));
        // The tables are as they should be, and yet not all is well.
        assert_eq!(states(&controller), [GroupState::Programmed; 2]);
        let said = mending(&controller, "instances").unwrap();
        assert_eq!((said.attempts, said.waits_for), (attempts, Some(WaitsFor::Journal)));
        clock.go_on(controller.due_in().unwrap());
    }
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!((mending(&controller, "instances"), controller.due_in()), (None, None));
}
