//! The pipeline: how it is set, and what it is.

use std::sync::Arc;

use p4::Program;
use p4runtime::config::P4Info;
use p4runtime::v1;
use slog::info;
use tonic::{Code, Status};
use v1::forwarding_pipeline_config::Cookie;
use v1::get_forwarding_pipeline_config_request::ResponseType;
use v1::set_forwarding_pipeline_config_request::Action;

use crate::SoftSwitch;
use crate::blocking::blocking;
use crate::pipeline::{Pipeline, PipelineError};
use crate::reconcile::reconcile;
use crate::switch::Shared;

/// How much is told of what is wrong with a program: what goes into a header that any client reads.
const MAX_TOLD_BYTES: usize = 2_000;

impl SoftSwitch {
    /// Runs a program from now on, as if a controller had set it, but without a cookie. What was
    /// in the tables before is gone. The source is what controllers get that ask for the device
    /// configuration.
    ///
    /// # Errors
    ///
    /// If controllers could not tell two things of the program from each other.
    pub fn load(&self, program: Program, source: Vec<u8>) -> Result<(), PipelineError> {
        let pipeline = Pipeline::new(program, source, &self.shared.log)?;
        let mut saved = self.shared.saved.lock();
        self.shared.run(&mut saved, Arc::new(pipeline));
        Ok(())
    }

    /// The P4Info of the program that the switch runs, if it does.
    pub fn p4info(&self) -> Option<P4Info> {
        self.shared.pipeline.load().as_ref().map(|pipeline| pipeline.p4info.clone())
    }
}

impl Shared {
    /// Sets the pipeline, or looks whether it could be set.
    pub(crate) async fn set_config(
        self: &Arc<Self>,
        request: v1::SetForwardingPipelineConfigRequest,
    ) -> Result<v1::SetForwardingPipelineConfigResponse, Status> {
        #[expect(deprecated, reason = "the one who looks at it refuses it")]
        let role_id = request.role_id;
        let permit =
            self.check_primary(request.device_id, &request.role, role_id, request.election_id)?;
        let shared = Arc::clone(self);
        blocking(move || {
            let response = shared.set_config_now(request);
            drop(permit);
            response
        })
        .await?
    }

    fn set_config_now(
        &self,
        mut request: v1::SetForwardingPipelineConfigRequest,
    ) -> Result<v1::SetForwardingPipelineConfigResponse, Status> {
        let action = Action::try_from(request.action).unwrap_or(Action::Unspecified);
        let new = match (action, request.config.take()) {
            (Action::Unspecified, _) => {
                return Err(Status::invalid_argument("the action is to be one of the named"));
            }
            (Action::Commit, Some(_)) => {
                return Err(Status::invalid_argument(
                    "COMMIT takes what was saved, and no configuration with it",
                ));
            }
            (Action::Commit, None) => None,
            (_, config) => Some(Arc::new(self.pipeline_of(config)?)),
        };
        let mut saved = self.saved.lock();
        match (action, new) {
            (Action::VerifyAndSave, new) => *saved = new,
            (Action::VerifyAndCommit, Some(new)) => self.run(&mut saved, new),
            (Action::ReconcileAndCommit, Some(new)) => {
                if let Some(old) = self.pipeline.load_full() {
                    reconcile(&old, &new).map_err(|lost| {
                        let text = format!("what is in the tables cannot be kept: {lost}");
                        Status::invalid_argument(bounded(text))
                    })?;
                }
                self.run(&mut saved, new);
            }
            (Action::Commit, _) => {
                let new = saved.take().ok_or_else(|| {
                    Status::not_found("no pipeline was saved that could be committed")
                })?;
                self.run(&mut saved, new);
            }
            (Action::Verify | Action::Unspecified, _)
            | (Action::VerifyAndCommit | Action::ReconcileAndCommit, None) => {}
        }
        Ok(v1::SetForwardingPipelineConfigResponse {})
    }

    fn pipeline_of(
        &self,
        config: Option<v1::ForwardingPipelineConfig>,
    ) -> Result<Pipeline, Status> {
        let invalid = |text: String| Status::invalid_argument(bounded(text));
        let config = config.ok_or_else(|| invalid("there is no configuration".to_owned()))?;
        let v1::ForwardingPipelineConfig { p4info, p4_device_config, cookie } = config;
        let p4info = p4info.ok_or_else(|| invalid("there is no P4Info".to_owned()))?;
        let cookie = cookie.map(|Cookie { cookie }| cookie);
        Pipeline::from_config(p4_device_config, p4info, cookie, &self.log)
            .map_err(|error| invalid(error.to_string()))
    }

    /// Lets packets run through a pipeline from now on.
    fn run(&self, saved: &mut Option<Arc<Pipeline>>, pipeline: Arc<Pipeline>) {
        let tables = pipeline.names.tables.len();
        let cookie = pipeline.cookie.map_or_else(|| "none".to_owned(), |id| format!("{id:#x}"));
        info!(self.log, "runs another program"; "tables" => tables, "cookie" => cookie);
        *saved = None;
        self.pipeline.store(Some(pipeline));
    }

    /// The pipeline that controllers write and read.
    pub(crate) fn running(&self) -> Result<Arc<Pipeline>, Status> {
        self.pipeline.load_full().ok_or_else(|| {
            // Some controllers go by the words "no forwarding pipeline config".
            let text = "the switch has no forwarding pipeline config yet; set one first";
            Status::new(Code::FailedPrecondition, text)
        })
    }

    /// Whether it is this switch that somebody means who only wants to know something.
    pub(crate) fn check_device(&self, device_id: u64) -> Result<(), Status> {
        let own = self.config.device_id;
        if device_id == own {
            return Ok(());
        }
        Err(Status::not_found(format!("there is no device {device_id}; this is device {own}")))
    }

    /// Tells what the pipeline is.
    pub(crate) fn get_config(
        &self,
        request: &v1::GetForwardingPipelineConfigRequest,
    ) -> Result<v1::GetForwardingPipelineConfigResponse, Status> {
        self.check_device(request.device_id)?;
        let (with_p4info, with_device_config) = match ResponseType::try_from(request.response_type)
        {
            Ok(ResponseType::All) => (true, true),
            Ok(ResponseType::CookieOnly) => (false, false),
            Ok(ResponseType::P4infoAndCookie) => (true, false),
            Ok(ResponseType::DeviceConfigAndCookie) => (false, true),
            Err(_) => {
                let text = format!("there is no response type {}", request.response_type);
                return Err(Status::invalid_argument(text));
            }
        };
        // Who asks a switch that has none is told of none, and that is no error.
        let Some(pipeline) = self.pipeline.load_full() else {
            return Ok(v1::GetForwardingPipelineConfigResponse { config: None });
        };
        let config = v1::ForwardingPipelineConfig {
            p4info: with_p4info.then(|| pipeline.p4info.clone()),
            p4_device_config: match with_device_config {
                true => pipeline.device_config.clone(),
                false => Vec::new(),
            },
            cookie: pipeline.cookie.map(|cookie| Cookie { cookie }),
        };
        Ok(v1::GetForwardingPipelineConfigResponse { config: Some(config) })
    }
}

/// The beginning of a text that is long.
fn bounded(mut text: String) -> String {
    if text.len() > MAX_TOLD_BYTES {
        let all = text.len();
        text.truncate(text.floor_char_boundary(MAX_TOLD_BYTES));
        text.push_str(&format!("... ({} bytes more)", all - text.len()));
    }
    text
}
