//! What the owner, other threads and the task that keeps the connection know of the switch.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::SwitchAddress;
use super::SwitchEvent;
use super::binding::Binding;
use super::connection::Client;
use super::event::NotPrimary;
use crate::device::Atomicity;

/// What the owner, other threads and the task that keeps the connection know of the switch.
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) report: Report,
}

/// Whom to tell of events.
pub(super) type Report = Arc<dyn Fn(SwitchEvent) + Send + Sync>;

struct State {
    link: Link,
    binding: Arc<Binding>,
    atomicity: Atomicity,
    epoch: u64,
}

enum Link {
    Up(Client),
    Down(NotUp),
}

/// A switch that can be asked and written.
pub(super) struct Up {
    pub(super) client: Client,
    pub(super) binding: Arc<Binding>,
    pub(super) atomicity: Atomicity,
    pub(super) epoch: u64,
}

/// Why the switch cannot be asked or written.
#[derive(Clone, Debug)]
pub(super) enum NotUp {
    Lost { address: SwitchAddress, why: String, retry_in: Duration },
    NotPrimary(NotPrimary),
}

impl Shared {
    pub(super) fn new(client: Client, prepared: Prepared, report: Report) -> Shared {
        let Prepared { binding, atomicity } = prepared;
        let state = State { link: Link::Up(client), binding, atomicity, epoch: 0 };
        report(SwitchEvent::Ready { epoch: 0, atomicity });
        Shared { state: Mutex::new(state), report }
    }

    /// The switch, if it can be asked and written.
    pub(super) fn up(&self) -> Result<Up, NotUp> {
        let state = self.state.lock();
        match &state.link {
            Link::Up(client) => Ok(Up {
                client: client.clone(),
                binding: Arc::clone(&state.binding),
                atomicity: state.atomicity,
                epoch: state.epoch,
            }),
            Link::Down(why) => Err(why.clone()),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state.lock().link, Link::Up(_))
    }

    pub(super) fn epoch(&self) -> u64 {
        self.state.lock().epoch
    }

    pub(super) fn atomicity(&self) -> Atomicity {
        self.state.lock().atomicity
    }

    pub(super) fn binding(&self) -> Arc<Binding> {
        Arc::clone(&self.state.lock().binding)
    }

    /// The switch can be asked and written again. What it holds may be something else.
    pub(super) fn set_up(&self, client: Client, prepared: Prepared) {
        let Prepared { binding, atomicity } = prepared;
        let (epoch, atomicity) = {
            let mut state = self.state.lock();
            state.link = Link::Up(client);
            state.binding = binding;
            // It may turn out to be less than it had seemed, and never more.
            state.atomicity = state.atomicity.min(atomicity);
            state.epoch += 1;
            (state.epoch, state.atomicity)
        };
        (self.report)(SwitchEvent::Ready { epoch, atomicity });
    }

    /// The switch cannot be asked or written for now. Nobody knows what it holds meanwhile.
    pub(super) fn set_down(&self, why: NotUp) {
        let event = match &why {
            NotUp::Lost { address, why, retry_in } => SwitchEvent::Lost {
                address: address.clone(),
                why: why.clone(),
                retry_in: *retry_in,
            },
            NotUp::NotPrimary(NotPrimary { primary, is_there, election_id }) => {
                SwitchEvent::NotPrimary {
                    primary: *primary,
                    is_there: *is_there,
                    election_id: *election_id,
                }
            }
        };
        {
            let mut state = self.state.lock();
            if matches!(state.link, Link::Up(_)) {
                state.epoch += 1;
            }
            state.link = Link::Down(why);
        }
        (self.report)(event);
    }

    /// The switch does not offer this atomicity after all: what comes next.
    pub(super) fn fall_back(&self, from: Atomicity) -> Atomicity {
        let to = less_atomic(from);
        {
            let mut state = self.state.lock();
            state.atomicity = state.atomicity.min(to);
        }
        (self.report)(SwitchEvent::LessAtomic { from, to });
        to
    }
}

/// What there is to know of a switch before it can be written.
pub(super) struct Prepared {
    pub(super) binding: Arc<Binding>,
    pub(super) atomicity: Atomicity,
}

/// The next best.
pub(super) fn less_atomic(atomicity: Atomicity) -> Atomicity {
    match atomicity {
        Atomicity::BatchInDataPlane => Atomicity::Batch,
        Atomicity::Batch | Atomicity::EachWrite => Atomicity::EachWrite,
    }
}

/// As a refusal puts it.
impl fmt::Display for NotUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotUp::Lost { address, why, retry_in } => write!(
                formatter,
                "not connected to the switch at {address}: {why}; it is tried again after \
                 {retry_in:.1?}"
            ),
            NotUp::NotPrimary(why) => why.fmt(formatter),
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").field("is_up", &self.is_up()).finish_non_exhaustive()
    }
}
