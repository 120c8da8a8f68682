//! A device that is lost and found: what it holds then is read, and mended.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::controller::Command;
use crate::forwarding::{Port, PortNumber, PortRole, Route};
use asic::{MemoryAsic, MemoryConfig, MemoryHandle, Outcome, TableWrite, WriteError};
use journal::RedbJournal;
use nat_groups::{
    Adopt, Ensure, ExternalAddr, Generation, Limits, MacAddr, Mapping, PortRange, Slot,
    SortedMappings, Target, Vni,
};
use parking_lot::Mutex;
use rstest::rstest;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::Arc;

mod mending;

/// A switch that can be lost and found.
#[derive(Clone)]
struct Switch {
    tables: MemoryHandle,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    epoch: u64,
    is_unreadable: bool,
    /// What becomes of every write instead of being performed.
    verdict: Option<WriteError>,
    /// The writes that were performed.
    writes: Vec<TableWrite>,
    /// What happens around the write call after this many others.
    mishap: Option<(usize, Mishap)>,
    calls: usize,
}

/// What happens to the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    /// It is lost and found just before a call, and holds what it held.
    FoundBefore,
    /// The same just after a call that it answered.
    FoundAfter,
    /// It starts afresh just before a call.
    RestartBefore,
    /// It starts afresh just after a call that it answered.
    RestartAfter,
}

struct SwitchAsic {
    tables: MemoryAsic,
    switch: Switch,
}

impl Switch {
    fn new(max_batch: usize) -> Self {
        let max_batch = NonZeroUsize::new(max_batch).unwrap();
        let config = MemoryConfig { max_batch, ..MemoryConfig::default() };
        let tables = MemoryAsic::new(config).handle();
        Self { tables, state: Arc::default() }
    }

    fn device(&self) -> Box<dyn Asic> {
        Box::new(SwitchAsic { tables: self.tables.reconnect(), switch: self.clone() })
    }

    fn found(&self) {
        self.state.lock().epoch += 1;
    }

    fn lose_rows(&self) {
        for row in self.rows() {
            self.tables.alter(&TableWrite::Delete(row.key())).unwrap();
        }
    }

    fn restart(&self) {
        self.lose_rows();
        self.found();
    }

    fn rows(&self) -> Vec<Row> {
        Table::ALL.iter().flat_map(|&table| self.tables.rows(table)).collect()
    }

    fn will(&self, after_calls: usize, mishap: Mishap) {
        let mut state = self.state.lock();
        state.mishap = Some((state.calls + after_calls, mishap));
    }

    fn take_writes(&self) -> Vec<TableWrite> {
        std::mem::take(&mut self.state.lock().writes)
    }

    fn happen(&self, mishap: Option<Mishap>) {
        match mishap {
            Some(Mishap::FoundBefore | Mishap::FoundAfter) => self.found(),
            Some(Mishap::RestartBefore | Mishap::RestartAfter) => self.restart(),
            None => {}
        }
    }
}

impl Asic for SwitchAsic {
    fn name(&self) -> &str {
        "switch"
    }

    fn capabilities(&self) -> asic::Capabilities {
        self.tables.capabilities()
    }

    fn epoch(&self) -> u64 {
        self.switch.state.lock().epoch
    }

    fn size_rows(&self, table: Table) -> u32 {
        self.tables.size_rows(table)
    }

    fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        let mishap = {
            let mut state = self.switch.state.lock();
            let now = state.calls;
            state.calls += 1;
            state.mishap.take_if(|(call, _)| *call == now).map(|(_, mishap)| mishap)
        };
        if let Some(verdict) = self.switch.state.lock().verdict.clone() {
            return vec![Err(verdict); writes.len()];
        }
        let is_before = |it: &Mishap| matches!(it, Mishap::FoundBefore | Mishap::RestartBefore);
        self.switch.happen(mishap.filter(is_before));
        let outcomes = self.tables.write(writes, timeout);
        let done = writes.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
        self.switch.state.lock().writes.extend(done.map(|(write, _)| *write));
        self.switch.happen(mishap.filter(|it| !is_before(it)));
        outcomes
    }

    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
        if self.switch.state.lock().is_unreadable {
            return Err(ReadError::Refused { table, words: "not now".to_owned() });
        }
        self.tables.read(table, timeout)
    }

    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        self.tables.counters(table, timeout)
    }
}

const GROUPS: [&str; 2] = ["services", "instances"];

fn stamp() -> Stamp {
    Stamp { unix_micros: 0, request_id: "test".into() }
}

fn forwarding() -> Forwarding {
    let mut forwarding = Forwarding::default();
    let number = PortNumber::new(1).unwrap();
    let role = PortRole::Uplink;
    let mac = MacAddr([2, 0, 0, 0, 0, 1]);
    let port = Port { id: role.default_id(number), role, mac, interface: None };
    forwarding.insert_port(number, port).unwrap();
    forwarding
}

fn controller(switch: &Switch) -> Controller {
    controller_by(switch, Arc::new(SystemClock::new()))
}

fn controller_by(switch: &Switch, clock: Arc<dyn Clock>) -> Controller {
    let timeout = Duration::from_secs(1);
    let limits = Limits { history: 4, max_groups: 10 };
    let forwarding = forwarding();
    let settings = Settings { forwarding, device_timeout: timeout, clock, ..Settings::default() };
    let log = Logger::root(slog::Discard, o!());
    let (journal, contents) = RedbJournal::in_memory(limits, one_row, stamp()).unwrap();
    let device = switch.device();
    let mut controller =
        Controller::new(device, Box::new(journal), contents, settings, log).unwrap();
    controller.take_over();
    controller
}

/// A controller with two groups of three mappings for each family.
fn inhabited(switch: &Switch) -> Controller {
    inhabited_by(switch, Arc::new(SystemClock::new()))
}

fn inhabited_by(switch: &Switch, clock: Arc<dyn Clock>) -> Controller {
    let mut controller = controller_by(switch, clock);
    for group in GROUPS {
        controller.change(&ensure(group, 1, 1)).unwrap();
    }
    switch.take_writes();
    controller
}

/// A group's set, all of whose targets are the given sled.
fn ensure(group: &str, generation: u64, sled: u16) -> Request {
    let place = GROUPS.iter().position(|name| *name == group).unwrap();
    let place = u8::try_from(place).unwrap();
    let target = Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0, 0, sled, 0, 0, 0, 1),
        inner_mac: MacAddr([2, 0, 0, 0, 1, 1]),
        vni: Vni::new(100).unwrap(),
    };
    let mapping = |external: ExternalAddr, part: u16| {
        let ports = PortRange::new(part * 100, part * 100 + 99).unwrap();
        Mapping { slot: Slot::new(external, ports), target }
    };
    let v4 = ExternalAddr::from(Ipv4Addr::new(203, 0, 113, place));
    let v6 = ExternalAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, place.into()));
    let mappings = [v4, v6].into_iter().flat_map(|it| (0..3).map(move |part| mapping(it, part)));
    let ensure = Ensure {
        group: GroupName::new(group).unwrap(),
        generation: Generation::new(generation).unwrap(),
        mappings: SortedMappings::new(mappings.collect()).unwrap(),
        adopt: Adopt::None,
        reserve: None,
        max_removals: None,
        allow_empty: false,
    };
    Request { command: Command::Ensure(vec![ensure]), dry_run: false, stamp: stamp() }
}

fn route() -> ForwardingCommand {
    let port = PortNumber::new(1).unwrap();
    let next_hop = Ipv4Addr::new(192, 0, 2, 1).into();
    let route = Route { port, next_hop, tag: String::new() };
    ForwardingCommand::SetRoute { cidr: "10.0.0.0/8".parse().unwrap(), route, replace: false }
}

fn states(controller: &Controller) -> Vec<GroupState> {
    let snapshot = controller.published().load();
    let state = |name: &str| {
        let name = GroupName::new(name).unwrap();
        snapshot.state(snapshot.store.group(&name).unwrap().id())
    };
    GROUPS.map(state).to_vec()
}

fn repair(controller: &mut Controller) -> Repair {
    controller.repair(&mut || false)
}

#[test]
fn what_a_switch_has_lost_is_noticed_by_its_epoch_and_written_again() {
    let switch = Switch::new(100);
    let mut controller = inhabited(&switch);
    let rows = switch.rows();
    switch.lose_rows();
    // Nobody looks without a reason.
    assert!(!controller.needs_repair());
    switch.found();
    assert!(controller.needs_repair());
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(switch.rows(), rows);
    assert_eq!(states(&controller), [GroupState::Programmed; 2]);
    assert!(!controller.needs_repair());
}

#[test]
fn what_a_switch_that_was_found_again_still_holds_is_not_written_again() {
    let switch = Switch::new(100);
    let mut controller = inhabited(&switch);
    let rows = switch.rows();
    let key = rows[0].key();
    switch.tables.alter(&TableWrite::Delete(key)).unwrap();
    switch.found();
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(switch.rows(), rows);
    assert_eq!(switch.take_writes(), [TableWrite::Insert(rows[0])]);
}

#[test]
fn a_change_reads_the_tables_back_first_if_the_epoch_is_another() {
    let switch = Switch::new(100);
    let mut controller = inhabited(&switch);
    let rows = switch.rows();
    switch.restart();
    // Without reading, there would be nothing to do.
    let done = controller.change(&ensure("services", 1, 1)).unwrap();
    assert_eq!((done.writes, done.repaired), (0, 6));
    assert_eq!(states(&controller), [GroupState::Programmed, GroupState::Repairing]);
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(switch.rows(), rows);
}

#[test]
fn until_its_tables_can_be_read_again_no_group_is_said_to_be_programmed() {
    let switch = Switch::new(100);
    let mut controller = inhabited(&switch);
    let rows = switch.rows();
    switch.restart();
    switch.state.lock().is_unreadable = true;
    assert_eq!(repair(&mut controller), Repair::Failed(WaitsFor::Retry));
    assert_eq!(states(&controller), [GroupState::Repairing; 2]);
    let failure = controller.change(&ensure("services", 2, 2)).unwrap_err();
    assert!(matches!(failure, Failure::Device(DeviceFault::Read(_))), "{failure}");
    assert_eq!(switch.take_writes(), []);
    switch.state.lock().is_unreadable = false;
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(states(&controller), [GroupState::Programmed; 2]);
    assert_eq!(switch.rows(), rows);
}

/// Generation 2 takes six modifications, one call each.
#[rstest]
fn a_change_in_whose_midst_the_epoch_changes_takes_effect_whole_or_not_at_all(
    #[values(0, 1, 3, 5)] call: usize,
    #[values(Mishap::FoundBefore, Mishap::FoundAfter, Mishap::RestartBefore, Mishap::RestartAfter)]
    mishap: Mishap,
) {
    let switch = Switch::new(1);
    let mut controller = inhabited(&switch);
    let before = switch.rows();
    switch.will(call, mishap);
    let result = controller.change(&ensure("services", 2, 2));
    // All six acknowledged, and found to be there.
    let is_whole = call == 5 && matches!(mishap, Mishap::FoundBefore | Mishap::FoundAfter);
    assert_eq!(result.is_ok(), is_whole, "{result:?}");
    if !is_whole {
        assert!(matches!(result.unwrap_err(), Failure::Device(_)));
    }
    // The group is right at once; all else, the ports too, by the next repair.
    assert_eq!(states(&controller)[0], GroupState::Programmed);
    assert!(controller.needs_repair());
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(states(&controller), [GroupState::Programmed; 2]);
    assert_eq!(switch.rows() == before, !is_whole);
    let services = GroupName::new("services").unwrap();
    let snapshot = controller.published().load();
    let generation = snapshot.store.group(&services).unwrap().current().generation;
    assert_eq!(generation.get(), if is_whole { 2 } else { 1 });
    // Exactly what is said to be there is: nothing is left to do.
    switch.take_writes();
    switch.found();
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(switch.take_writes(), []);
}

#[test]
fn a_repair_that_a_restart_overtakes_is_not_taken_for_done() {
    let switch = Switch::new(100);
    let mut controller = inhabited(&switch);
    let rows = switch.rows();
    switch.will(0, Mishap::RestartAfter);
    let failure = controller.change(&ensure("services", 2, 2)).unwrap_err();
    assert!(matches!(failure, Failure::Device(DeviceFault::BegunAnew)), "{failure}");
    switch.will(0, Mishap::RestartAfter);
    assert_eq!(repair(&mut controller), Repair::Failed(WaitsFor::Retry));
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(switch.rows(), rows);
}

#[rstest]
#[case(Mishap::FoundBefore, true)]
#[case(Mishap::FoundAfter, true)]
#[case(Mishap::RestartBefore, false)]
#[case(Mishap::RestartAfter, false)]
fn a_route_that_is_lost_with_the_switch_is_refused(#[case] mishap: Mishap, #[case] is_kept: bool) {
    let switch = Switch::new(100);
    let mut controller = inhabited(&switch);
    let before = switch.rows();
    switch.will(0, mishap);
    let result = controller.change_forwarding(route(), &stamp());
    assert_eq!(result.is_ok(), is_kept, "{result:?}");
    let routes = controller.published().load().forwarding.routes().count();
    assert_eq!(routes, usize::from(is_kept));
    assert!(controller.needs_repair());
    assert_eq!(repair(&mut controller), Repair::Clean);
    assert_eq!(switch.rows().len(), before.len() + usize::from(is_kept));
}

#[test]
fn a_route_goes_by_what_the_switch_holds_in_its_new_epoch() {
    let switch = Switch::new(100);
    let mut controller = inhabited(&switch);
    switch.restart();
    controller.change_forwarding(route(), &stamp()).unwrap();
    // The port came again too.
    assert_eq!(switch.tables.rows(Table::RouteIpv4).len(), 1);
    let others = [Table::RouteIpv4, Table::NatIngressIpv4, Table::NatIngressIpv6];
    let ports = switch.rows().iter().filter(|row| !others.contains(&row.table())).count();
    assert!(ports > 0);
}

/// The thread sleeps until it is told something.
#[tokio::test]
async fn whoever_sees_the_switch_again_wakes_the_controller() {
    let switch = Switch::new(100);
    let controller = inhabited(&switch);
    let (handle, thread) = thread::spawn(controller).unwrap();
    let wanted = switch.rows();
    switch.restart();
    handle.look();
    // Whatever is asked comes between the batches of the repair, which are few.
    for _ in 0..100 {
        handle.read_table(Table::NatIngressIpv4).await.unwrap();
        if switch.rows() == wanted {
            break;
        }
    }
    assert_eq!(switch.rows(), wanted);
    handle.stop();
    assert!(!thread.join());
}
