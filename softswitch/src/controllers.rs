//! The controllers that are there: their streams, which of them are primary, and what only those
//! may do.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use p4runtime::{rpc, v1};
use parking_lot::Mutex;
use slog::{Logger, debug, info, warn};
use tonic::{Code, Status};

use crate::arbitration::{Arbitration, Notice, Refused, Standing, StreamId, shown};
use crate::election_id::ElectionId;
use crate::outbox::{Full, Outbox};

/// The controllers of a switch.
pub(crate) struct Controllers {
    device_id: u64,
    log: Logger,
    state: Mutex<State>,
    /// The outboxes of all primaries, for packets.
    primaries: ArcSwap<Vec<Arc<Outbox>>>,
}

#[derive(Default)]
struct State {
    arbitration: Arbitration,
    outboxes: HashMap<StreamId, Arc<Outbox>>,
    next: u64,
    has_ended: bool,
}

/// The leave of a primary to change something, until it is dropped. A new primary is let in when
/// the leaves of the one before are all gone.
pub(crate) struct Permit {
    controllers: Arc<Controllers>,
    role: String,
}

impl Controllers {
    pub(crate) fn new(device_id: u64, log: Logger) -> Controllers {
        let (state, primaries) = (Mutex::default(), ArcSwap::default());
        Controllers { device_id, log, state, primaries }
    }

    /// A stream begins.
    pub(crate) fn join(&self) -> Result<(StreamId, Arc<Outbox>), Status> {
        let mut state = self.state.lock();
        if state.has_ended {
            return Err(ending());
        }
        let stream = StreamId(state.next);
        state.next += 1;
        let outbox = Arc::new(Outbox::default());
        state.outboxes.insert(stream, Arc::clone(&outbox));
        Ok((stream, outbox))
    }

    /// A stream says who it is. If that is refused the stream has to end.
    pub(crate) fn arbitrate(
        &self,
        stream: StreamId,
        update: &v1::MasterArbitrationUpdate,
    ) -> Result<(), Status> {
        let mut state = self.state.lock();
        if !state.outboxes.contains_key(&stream) {
            return Err(cut_off());
        }
        let own = state.arbitration.role_of(stream).map(str::to_owned);
        let role = self.check(update, own.is_some())?;
        let election_id = update.election_id.map(ElectionId::from_wire);
        let notices =
            state.arbitration.update(stream, role, election_id).map_err(refused_stream)?;
        let StreamId(number) = stream;
        let id = election_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
        debug!(self.log, "arbitration"; "stream" => number, "role" => role, "election_id" => id);
        self.settle(&mut state, notices);
        Ok(())
    }

    /// The name of the role, if the rest of the update can be taken.
    #[allow(deprecated, reason = "old controllers may use the old id of a role, which is refused")]
    fn check<'u>(
        &self,
        update: &'u v1::MasterArbitrationUpdate,
        has_arbitrated: bool,
    ) -> Result<&'u str, Status> {
        if update.device_id != self.device_id {
            let message = self.other_device(update.device_id);
            let code = if has_arbitrated { Code::FailedPrecondition } else { Code::NotFound };
            return Err(Status::new(code, message));
        }
        let Some(role) = &update.role else { return Ok("") };
        if role.id != 0 {
            return Err(Status::invalid_argument(by_number(role.id)));
        }
        if role.config.is_some() {
            return Err(Status::invalid_argument(
                "the role has a configuration; this switch knows none, and every role may do \
                 everything: leave it out",
            ));
        }
        Ok(&role.name)
    }

    /// A stream has ended.
    pub(crate) fn leave(&self, stream: StreamId) {
        let mut state = self.state.lock();
        state.outboxes.remove(&stream);
        let notices = state.arbitration.leave(stream);
        self.settle(&mut state, notices);
    }

    /// Ends all streams, for good.
    pub(crate) fn end(&self) {
        let mut state = self.state.lock();
        state.has_ended = true;
        for outbox in state.outboxes.values() {
            outbox.end(Err(ending()));
        }
    }

    /// Whether a stream is primary and has been told.
    pub(crate) fn is_primary(&self, stream: StreamId) -> bool {
        self.state.lock().arbitration.primaries().any(|primary| primary == stream)
    }

    /// The outboxes of the primaries of all roles.
    pub(crate) fn primaries(&self) -> arc_swap::Guard<Arc<Vec<Arc<Outbox>>>> {
        self.primaries.load()
    }

    /// Lets a request in that only the primary of its role may send.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for another device or a role that nobody has, `PERMISSION_DENIED` for who is not
    /// primary.
    pub(crate) fn permit(
        self: &Arc<Self>,
        device_id: u64,
        role: &str,
        role_id: u64,
        election_id: Option<v1::Uint128>,
    ) -> Result<Permit, Status> {
        if device_id != self.device_id {
            return Err(Status::not_found(self.other_device(device_id)));
        }
        if role_id != 0 {
            return Err(Status::invalid_argument(by_number(role_id)));
        }
        let election_id = election_id.map(ElectionId::from_wire);
        let begun = self.state.lock().arbitration.begin_write(role, election_id);
        begun.map_err(refused_request)?;
        Ok(Permit { controllers: Arc::clone(self), role: role.to_owned() })
    }

    /// Tells what is to be told. Who lets too much of it lie is out.
    fn settle(&self, state: &mut State, notices: Vec<Notice>) {
        let mut notices = std::collections::VecDeque::from(notices);
        while let Some(notice) = notices.pop_front() {
            let Notice { to, standing, highest } = notice;
            let Some(outbox) = state.outboxes.get(&to).map(Arc::clone) else { continue };
            let role = state.arbitration.role_of(to).unwrap_or_default();
            if standing == Standing::Primary {
                let id = highest.map_or_else(String::new, |id| id.to_string());
                let StreamId(number) = to;
                info!(self.log, "primary"; "stream" => number, "role" => role, "election_id" => id);
            }
            if let Err(Full) = outbox.put_notice(self.message(role, standing, highest)) {
                let StreamId(number) = to;
                warn!(self.log, "a controller reads no notifications and is cut off";
                    "stream" => number);
                outbox.end(Err(cut_off()));
                state.outboxes.remove(&to);
                notices.extend(state.arbitration.leave(to));
            }
        }
        let outboxes = state.arbitration.primaries().filter_map(|one| state.outboxes.get(&one));
        self.primaries.store(Arc::new(outboxes.map(Arc::clone).collect()));
    }

    fn message(
        &self,
        role: &str,
        standing: Standing,
        highest: Option<ElectionId>,
    ) -> v1::StreamMessageResponse {
        let (code, message) = match standing {
            Standing::Primary => (Code::Ok, String::new()),
            Standing::Backup => {
                (Code::AlreadyExists, format!("another controller is primary of {}", shown(role)))
            }
            Standing::NoPrimary => {
                (Code::NotFound, format!("no controller is primary of {}", shown(role)))
            }
        };
        let named = v1::Role { name: role.to_owned(), ..v1::Role::default() };
        let update = v1::MasterArbitrationUpdate {
            device_id: self.device_id,
            role: Some(named).filter(|role| !role.name.is_empty()),
            election_id: highest.map(ElectionId::to_wire),
            status: Some(rpc::Status { code: code as i32, message, details: Vec::new() }),
        };
        let update = v1::stream_message_response::Update::Arbitration(update);
        v1::StreamMessageResponse { update: Some(update) }
    }

    fn other_device(&self, asked: u64) -> String {
        format!("there is no device {asked}; this is device {}", self.device_id)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.controllers.state.lock();
        if let Some(notice) = state.arbitration.end_write(&self.role) {
            self.controllers.settle(&mut state, vec![notice]);
        }
    }
}

fn by_number(id: u64) -> String {
    format!("the role has the number {id}; roles go by name: set the name, and leave the number 0")
}

fn cut_off() -> Status {
    Status::resource_exhausted("too many notifications were not read; the stream ends")
}

fn ending() -> Status {
    Status::unavailable("the switch is ending")
}

/// How a stream ends that was refused.
fn refused_stream(refused: Refused) -> Status {
    let message = refused.to_string();
    match refused {
        Refused::ElectionIdTaken { .. } | Refused::RoleTooLong { .. } => {
            Status::invalid_argument(message)
        }
        Refused::OtherRole { .. } => Status::failed_precondition(message),
        Refused::TooManyStreams | Refused::TooManyRoles => Status::resource_exhausted(message),
        Refused::NoSuchRole { .. }
        | Refused::NoElectionId { .. }
        | Refused::NoPrimary { .. }
        | Refused::NotPrimary { .. }
        | Refused::NotYet { .. } => refused_request(refused),
    }
}

/// How a request ends that was not let in.
fn refused_request(refused: Refused) -> Status {
    let message = refused.to_string();
    match refused {
        Refused::NoSuchRole { .. } => Status::not_found(message),
        _ => Status::permission_denied(message),
    }
}
