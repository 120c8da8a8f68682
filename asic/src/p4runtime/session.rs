//! Opens a session with a switch: a connection, a place among its controllers, a pipeline.

use std::sync::Arc;
use std::time::Duration;

use p4runtime::v1::get_forwarding_pipeline_config_request::ResponseType;
use p4runtime::v1::set_forwarding_pipeline_config_request as set_request;
use p4runtime::v1::{self, stream_message_request, stream_message_response};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use super::binding::Binding;
use super::connection::{Client, DialError, dial};
use super::error::{P4InfoOf, P4RuntimeError};
use super::event::NotPrimary;
use super::shared::{Prepared, Report, less_atomic};
use super::words::{is_from_switch, loss_words, status_words};
use super::{P4RuntimeConfig, SwitchEvent};
use crate::device::Atomicity;

/// All that is needed to open sessions with one switch.
pub(super) struct Opener {
    pub(super) config: P4RuntimeConfig,
    /// For the whole of an opening.
    pub(super) timeout: Duration,
    pub(super) report: Report,
    /// The pipeline to be set: where its tables are, and by what it is known. None if the switch
    /// keeps its own.
    ours: Option<Arc<Binding>>,
    cookie: u64,
}

/// An open session: a connection, and the stream by which the switch says who is primary.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) responses: Streaming<v1::StreamMessageResponse>,
    /// The stream is open for as long as this is.
    _requests: mpsc::Sender<v1::StreamMessageRequest>,
}

/// A deadline, and what is being done meanwhile.
struct Opening<'a> {
    opener: &'a Opener,
    deadline: Instant,
}

impl Opener {
    /// Compares the P4Info with the list of tables, if the switch is to be given it.
    ///
    /// # Errors
    ///
    /// The first thing in which both differ.
    pub(super) fn new(
        config: P4RuntimeConfig,
        timeout: Duration,
        report: Report,
    ) -> Result<Opener, P4RuntimeError> {
        let ours = match config.keep_pipeline {
            true => None,
            false => Some(Arc::new(Binding::new(&config.p4info, P4InfoOf::Program)?)),
        };
        let cookie = cookie(&config.p4info.encode_to_vec(), &config.device_config);
        Ok(Opener { config, timeout, report, ours, cookie })
    }

    /// Connects and asks to be the primary controller: a session, and why we are not, if so.
    pub(super) async fn open(&self) -> Result<(Session, Option<NotPrimary>), P4RuntimeError> {
        let opening = self.begin();
        let address = &self.config.address;
        let connecting = timeout_at(opening.deadline, dial(address)).await;
        let doing = "connecting";
        let connected = connecting.map_err(|_| opening.late(doing))?;
        let mut client = connected.map_err(|error| match error {
            DialError::Unreachable(error) => {
                P4RuntimeError::Unreachable { address: address.clone(), error }
            }
            DialError::Handshake(error) => {
                P4RuntimeError::Broken { address: address.clone(), doing, why: error.to_string() }
            }
        })?;
        let version = opening.version(&mut client).await?;
        (self.report)(SwitchEvent::Connected { address: address.clone(), version });
        opening.arbitrate(client).await
    }

    /// Sees to the pipeline and finds out how atomic a batch can be. Only for the primary.
    pub(super) async fn prepare(&self, client: &mut Client) -> Result<Prepared, P4RuntimeError> {
        let opening = self.begin();
        let binding = match &self.ours {
            None => Arc::new(opening.binding_of_switch(client).await?),
            Some(binding) => {
                opening.provide_pipeline(client).await?;
                Arc::clone(binding)
            }
        };
        Ok(Prepared { binding, atomicity: opening.atomicity(client).await? })
    }

    /// What an arbitration says of us, if it is not that we are primary.
    pub(super) fn standing(&self, update: &v1::MasterArbitrationUpdate) -> Option<NotPrimary> {
        let code = update.status.as_ref().map_or(Code::Ok, |status| Code::from_i32(status.code));
        let primary = update.election_id.map_or(0, v1::Uint128::get);
        let election_id = self.config.election_id;
        let is_there = code != Code::NotFound;
        (code != Code::Ok).then_some(NotPrimary { primary, is_there, election_id })
    }

    pub(super) fn not_primary(&self, not_primary: NotPrimary) -> P4RuntimeError {
        let NotPrimary { primary, is_there, election_id } = not_primary;
        let address = self.config.address.clone();
        match is_there {
            true => P4RuntimeError::OtherPrimary { address, primary, election_id },
            false => P4RuntimeError::NoPrimary { address, largest: primary, election_id },
        }
    }

    fn begin(&self) -> Opening<'_> {
        Opening { opener: self, deadline: Instant::now() + self.timeout }
    }
}

impl Opening<'_> {
    /// The version of P4Runtime that the switch says it speaks. Old ones cannot say it.
    async fn version(&self, client: &mut Client) -> Result<Option<String>, P4RuntimeError> {
        let doing = "asking what it can do";
        let request = v1::CapabilitiesRequest { device_id: self.opener.config.device_id };
        match self.within(doing, client.capabilities(request)).await? {
            Ok(response) => {
                let version = response.into_inner().p4runtime_api_version;
                Ok((!version.is_empty()).then_some(version))
            }
            Err(status) if is_from_switch(&status) => Ok(None),
            Err(status) => Err(self.failed(doing, &status)),
        }
    }

    async fn arbitrate(
        &self,
        mut client: Client,
    ) -> Result<(Session, Option<NotPrimary>), P4RuntimeError> {
        let doing = "asking to be the primary controller";
        let P4RuntimeConfig { device_id, election_id, .. } = self.opener.config;
        let ours = v1::MasterArbitrationUpdate {
            device_id,
            election_id: Some(election_id.into()),
            ..v1::MasterArbitrationUpdate::default()
        };
        let update = Some(stream_message_request::Update::Arbitration(ours));
        let (requests, receiver) = mpsc::channel(1);
        // There is room for one, and the receiver is here.
        let _ = requests.try_send(v1::StreamMessageRequest { update });
        let opened = self.within(doing, client.stream_channel(ReceiverStream::new(receiver)));
        let opened = opened.await?.map_err(|status| self.stream_failed(doing, &status))?;
        let mut responses = opened.into_inner();
        loop {
            let message = self.within(doing, responses.message()).await?;
            match message.map_err(|status| self.stream_failed(doing, &status))? {
                None => {
                    let why = "it ended the stream".to_owned();
                    return Err(self.broken(doing, why));
                }
                Some(v1::StreamMessageResponse {
                    update: Some(stream_message_response::Update::Arbitration(update)),
                }) => {
                    let standing = self.opener.standing(&update);
                    if standing.is_none() {
                        (self.opener.report)(SwitchEvent::Primary { election_id });
                    }
                    return Ok((Session { client, responses, _requests: requests }, standing));
                }
                Some(_) => {}
            }
        }
    }

    /// Where the tables are in the pipeline that the switch has.
    async fn binding_of_switch(&self, client: &mut Client) -> Result<Binding, P4RuntimeError> {
        let doing = "asking for its pipeline";
        let request = v1::GetForwardingPipelineConfigRequest {
            device_id: self.opener.config.device_id,
            response_type: ResponseType::P4infoAndCookie.into(),
        };
        let address = || self.opener.config.address.clone();
        let asked = self.within(doing, client.get_forwarding_pipeline_config(request)).await?;
        let config = match asked {
            Ok(response) => response.into_inner().config,
            Err(status) if has_none(&status) => {
                let words = status_words(&status);
                return Err(P4RuntimeError::NoPipeline { address: address(), words });
            }
            Err(status) => return Err(self.failed(doing, &status)),
        };
        let cookie = config.as_ref().and_then(|config| config.cookie).map(|one| one.cookie);
        let info = config.and_then(|config| config.p4info).filter(|info| !info.tables.is_empty());
        let Some(info) = info else {
            let words = "it told of no table".to_owned();
            return Err(P4RuntimeError::NoPipeline { address: address(), words });
        };
        let binding = Binding::new(&info, P4InfoOf::Switch)?;
        let is_ours = cookie == Some(self.opener.cookie);
        (self.opener.report)(SwitchEvent::PipelineKept { cookie, is_ours });
        Ok(binding)
    }

    /// Sets our pipeline unless the switch has it.
    async fn provide_pipeline(&self, client: &mut Client) -> Result<(), P4RuntimeError> {
        let doing = "asking for the cookie of its pipeline";
        let P4RuntimeConfig { device_id, election_id, p4info, device_config, .. } =
            &self.opener.config;
        let cookie = self.opener.cookie;
        let request = v1::GetForwardingPipelineConfigRequest {
            device_id: *device_id,
            response_type: ResponseType::CookieOnly.into(),
        };
        let asked = self.within(doing, client.get_forwarding_pipeline_config(request)).await?;
        let there = match asked {
            Ok(response) => response.into_inner().config.and_then(|config| config.cookie),
            // One that cannot say what it has is given ours.
            Err(status) if has_none(&status) || status.code() == Code::Unimplemented => None,
            Err(status) => return Err(self.failed(doing, &status)),
        };
        if there.is_some_and(|there| there.cookie == cookie) {
            let event = SwitchEvent::PipelineKept { cookie: Some(cookie), is_ours: true };
            (self.opener.report)(event);
            return Ok(());
        }
        let doing = "setting its pipeline";
        let config = v1::ForwardingPipelineConfig {
            p4info: Some(p4info.clone()),
            p4_device_config: device_config.clone(),
            cookie: Some(v1::forwarding_pipeline_config::Cookie { cookie }),
        };
        let request = v1::SetForwardingPipelineConfigRequest {
            device_id: *device_id,
            election_id: Some((*election_id).into()),
            action: set_request::Action::VerifyAndCommit.into(),
            config: Some(config),
            ..v1::SetForwardingPipelineConfigRequest::default()
        };
        let set = self.within(doing, client.set_forwarding_pipeline_config(request)).await?;
        set.map_err(|status| self.failed(doing, &status))?;
        (self.opener.report)(SwitchEvent::PipelineSet { cookie });
        Ok(())
    }

    /// The best that the switch offers. It is asked by an update that no switch can take, so that
    /// nothing can come of it: one that knows the atomicity finds fault with the update, and one
    /// that does not, with the call.
    async fn atomicity(&self, client: &mut Client) -> Result<Atomicity, P4RuntimeError> {
        let doing = "asking how atomic a batch can be";
        let P4RuntimeConfig { device_id, election_id, .. } = self.opener.config;
        let best = Atomicity::BatchInDataPlane;
        let mut atomicity = best;
        while atomicity != Atomicity::EachWrite {
            let updates = vec![v1::Update::default()];
            let request = write_request(device_id, election_id, atomicity, updates);
            match self.within(doing, client.write(request)).await? {
                Err(status) if !is_from_switch(&status) => {
                    return Err(self.failed(doing, &status));
                }
                Err(status) if status.code() == Code::PermissionDenied => {
                    return Err(self.failed(doing, &status));
                }
                Err(status) if status.code() == Code::Unimplemented => {
                    atomicity = less_atomic(atomicity);
                }
                Ok(_) | Err(_) => break,
            }
        }
        if atomicity != best {
            (self.opener.report)(SwitchEvent::LessAtomic { from: best, to: atomicity });
        }
        Ok(atomicity)
    }

    async fn within<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = T>,
    ) -> Result<T, P4RuntimeError> {
        timeout_at(self.deadline, call).await.map_err(|_| self.late(doing))
    }

    fn late(&self, doing: &'static str) -> P4RuntimeError {
        let (address, timeout) = (self.opener.config.address.clone(), self.opener.timeout);
        P4RuntimeError::NoAnswer { address, doing, timeout }
    }

    fn broken(&self, doing: &'static str, why: String) -> P4RuntimeError {
        P4RuntimeError::Broken { address: self.opener.config.address.clone(), doing, why }
    }

    fn failed(&self, doing: &'static str, status: &Status) -> P4RuntimeError {
        match is_from_switch(status) {
            true => P4RuntimeError::Refused {
                address: self.opener.config.address.clone(),
                doing,
                words: status_words(status),
            },
            false => self.broken(doing, loss_words(status)),
        }
    }

    /// A stream that is refused for want of something is that of another device.
    fn stream_failed(&self, doing: &'static str, status: &Status) -> P4RuntimeError {
        match status.code() == Code::NotFound && is_from_switch(status) {
            true => P4RuntimeError::WrongDevice {
                address: self.opener.config.address.clone(),
                device_id: self.opener.config.device_id,
                words: status_words(status),
            },
            false => self.failed(doing, status),
        }
    }
}

/// Whether a switch says so that it has no pipeline.
fn has_none(status: &Status) -> bool {
    is_from_switch(status) && matches!(status.code(), Code::FailedPrecondition | Code::NotFound)
}

pub(super) fn write_request(
    device_id: u64,
    election_id: u128,
    atomicity: Atomicity,
    updates: Vec<v1::Update>,
) -> v1::WriteRequest {
    let atomicity = match atomicity {
        Atomicity::EachWrite => v1::write_request::Atomicity::ContinueOnError,
        Atomicity::Batch => v1::write_request::Atomicity::RollbackOnError,
        Atomicity::BatchInDataPlane => v1::write_request::Atomicity::DataplaneAtomic,
    };
    v1::WriteRequest {
        device_id,
        election_id: Some(election_id.into()),
        updates,
        atomicity: atomicity.into(),
        ..v1::WriteRequest::default()
    }
}

/// By what a pipeline is known again: the first 8 bytes of the SHA-256 hash of both its parts, each
/// after its length.
fn cookie(p4info: &[u8], device_config: &[u8]) -> u64 {
    let mut hash = Sha256::new();
    for part in [p4info, device_config] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(8).fold(0, |cookie, byte| cookie << 8 | u64::from(*byte))
}
