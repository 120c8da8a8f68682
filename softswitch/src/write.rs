//! The operation Write.

use std::sync::Arc;

use p4runtime::{batch_failed, v1};
use tonic::{Code, Status};
use v1::write_request::Atomicity;

use crate::batch::{self, Mode, Refused};
use crate::blocking::blocking;
use crate::refusal::errors;
use crate::switch::Shared;

/// How many updates a write may have.
const MAX_UPDATES: usize = 65_536;

/// How many updates are done where they come in: a thread of their own would take longer to begin.
const MAX_QUICK_UPDATES: usize = 32;

impl Shared {
    /// Does the updates of a primary.
    pub(crate) async fn write(
        self: &Arc<Self>,
        request: v1::WriteRequest,
    ) -> Result<v1::WriteResponse, Status> {
        #[expect(deprecated, reason = "the one who looks at it refuses it")]
        let role_id = request.role_id;
        let permit =
            self.check_primary(request.device_id, &request.role, role_id, request.election_id)?;
        let count = request.updates.len();
        if count > MAX_UPDATES {
            return Err(Status::resource_exhausted(format!(
                "the write has {count} updates; the most is {MAX_UPDATES}: send them in parts"
            )));
        }
        if count <= MAX_QUICK_UPDATES
            && !batch::has_whole_array(&request.updates)
            && let Some(result) = self.try_write(&request)
        {
            return result;
        }
        let shared = Arc::clone(self);
        blocking(move || {
            let _until_it_is_done = permit;
            let _one_at_a_time = shared.saved.lock();
            shared.write_now(&request)
        })
        .await?
    }

    /// Does the updates if nobody else writes right now.
    fn try_write(&self, request: &v1::WriteRequest) -> Option<Result<v1::WriteResponse, Status>> {
        let _one_at_a_time = self.saved.try_lock()?;
        Some(self.write_now(request))
    }

    /// Does the updates. The lock is held meanwhile, so that the pipeline stays what it is.
    fn write_now(&self, request: &v1::WriteRequest) -> Result<v1::WriteResponse, Status> {
        let pipeline = self.running()?;
        let (atomicity, updates) = (request.atomicity, &request.updates);
        let mode = match Atomicity::try_from(atomicity) {
            Ok(Atomicity::ContinueOnError) => Mode::Each,
            Ok(Atomicity::RollbackOnError) => Mode::AllOrNothing,
            Ok(Atomicity::DataplaneAtomic) => match batch::seen_alone(updates) {
                None => Mode::AllOrNothing,
                Some(kind) => {
                    return Err(Status::unimplemented(format!(
                        "packets could see {kind} change without the rest of the batch: write \
                         them apart, or with ROLLBACK_ON_ERROR"
                    )));
                }
            },
            Err(_) => {
                let text = format!("there is no atomicity {atomicity}");
                return Err(Status::invalid_argument(text));
            }
        };
        match batch::perform(&pipeline, mode, updates) {
            Ok(()) => Ok(v1::WriteResponse {}),
            Err(refused) => Err(failed(mode, updates.len(), &refused)),
        }
    }
}

/// The end of a write of which some updates, or one and so all, were not done.
fn failed(mode: Mode, count: usize, refused: &Refused) -> Status {
    let (others, message) = match mode {
        Mode::Each => (Code::Ok, format!("{} of {count} updates failed", refused.len())),
        Mode::AllOrNothing => {
            (Code::Aborted, format!("one of {count} updates failed, and so none was done"))
        }
    };
    batch_failed(&message, errors(count, others, refused))
}
