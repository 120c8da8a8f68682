//! What the device tells of the switch, to be waited for.

use std::sync::Arc;

use asic::SwitchEvent;
use parking_lot::{Condvar, Mutex};

use crate::switch::SOON;

#[derive(Clone, Debug, Default)]
pub(crate) struct Events(Arc<(Mutex<Vec<SwitchEvent>>, Condvar)>);

impl Events {
    /// Takes events in.
    pub(crate) fn report(&self) -> impl Fn(SwitchEvent) + Send + Sync + 'static {
        let Events(shared) = self.clone();
        move |event| {
            shared.0.lock().push(event);
            shared.1.notify_all();
        }
    }

    /// Waits for an event, and forgets it and all before it.
    pub(crate) fn wait_for(&self, is_wanted: impl Fn(&SwitchEvent) -> bool) -> SwitchEvent {
        let mut events = self.0.0.lock();
        loop {
            if let Some(place) = events.iter().position(&is_wanted) {
                return events.drain(..=place).next_back().unwrap();
            }
            let late = self.0.1.wait_for(&mut events, SOON).timed_out();
            assert!(!late, "it did not come; there is {:?}", *events);
        }
    }

    /// Waits until the device is in another epoch.
    pub(crate) fn wait_for_epoch(&self) {
        self.wait_for(SwitchEvent::changes_epoch);
    }

    /// Everything told so far and not waited for, as it is logged.
    pub(crate) fn said(&self) -> Vec<String> {
        self.0.0.lock().drain(..).map(|event| event.to_string()).collect()
    }
}
