//! The daemon's log, kept to be read by a test.

use slog::{Drain, KV, Key, Level, Logger, OwnedKVList, Serializer, o};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Everything that was logged. Clones see the same records.
#[derive(Clone, Debug, Default)]
pub struct Records(Arc<Mutex<Vec<Record>>>);

/// One record of the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// How important it is.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// Its values and those of its logger, by key.
    pub values: BTreeMap<String, String>,
    /// When it was logged.
    pub time: Instant,
}

impl Records {
    /// A logger whose records, of every level, are kept here.
    pub fn logger(&self) -> Logger {
        Logger::root(self.clone().fuse(), o!())
    }

    /// Takes the records so far.
    pub fn take(&self) -> Vec<Record> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The records so far that say this.
    pub fn saying(&self, message: &str) -> Vec<Record> {
        let says = |record: &&Record| record.message.contains(message);
        self.0.lock().unwrap().iter().filter(says).cloned().collect()
    }

    /// The records so far that carry this request id.
    pub fn of_request(&self, request_id: &str) -> Vec<Record> {
        let is_of_request =
            |record: &&Record| record.values.get("request_id").is_some_and(|id| id == request_id);
        self.0.lock().unwrap().iter().filter(is_of_request).cloned().collect()
    }
}

impl Drain for Records {
    type Ok = ();
    type Err = slog::Never;

    fn log(&self, record: &slog::Record<'_>, values: &OwnedKVList) -> Result<(), slog::Never> {
        let mut texts = Texts::default();
        // What the record says goes over what its logger says.
        let _ = values.serialize(record, &mut texts);
        let _ = record.kv().serialize(record, &mut texts);
        self.0.lock().unwrap().push(Record {
            level: record.level(),
            message: record.msg().to_string(),
            values: texts.0,
            time: Instant::now(),
        });
        Ok(())
    }
}

/// Values as texts.
#[derive(Default)]
struct Texts(BTreeMap<String, String>);

impl Serializer for Texts {
    fn emit_arguments(&mut self, key: Key, value: &fmt::Arguments<'_>) -> slog::Result {
        self.0.insert(key.to_string(), value.to_string());
        Ok(())
    }
}
