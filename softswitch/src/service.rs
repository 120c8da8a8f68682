//! The service, operation by operation.

use p4runtime::v1;
use tonic::{Request, Response, Status, Streaming};

use crate::{SoftSwitch, stream};

/// What a read or a stream answers with.
type Answers<T> = std::pin::Pin<Box<dyn tokio_stream::Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl v1::p4_runtime_server::P4Runtime for SoftSwitch {
    async fn write(
        &self,
        request: Request<v1::WriteRequest>,
    ) -> Result<Response<v1::WriteResponse>, Status> {
        self.shared.write(request.into_inner()).await.map(Response::new)
    }

    type ReadStream = Answers<v1::ReadResponse>;

    async fn read(
        &self,
        request: Request<v1::ReadRequest>,
    ) -> Result<Response<Self::ReadStream>, Status> {
        self.shared.read(request.into_inner()).await.map(Response::new)
    }

    async fn set_forwarding_pipeline_config(
        &self,
        request: Request<v1::SetForwardingPipelineConfigRequest>,
    ) -> Result<Response<v1::SetForwardingPipelineConfigResponse>, Status> {
        self.shared.set_config(request.into_inner()).await.map(Response::new)
    }

    async fn get_forwarding_pipeline_config(
        &self,
        request: Request<v1::GetForwardingPipelineConfigRequest>,
    ) -> Result<Response<v1::GetForwardingPipelineConfigResponse>, Status> {
        self.shared.get_config(request.get_ref()).map(Response::new)
    }

    type StreamChannelStream = Answers<v1::StreamMessageResponse>;

    async fn stream_channel(
        &self,
        request: Request<Streaming<v1::StreamMessageRequest>>,
    ) -> Result<Response<Self::StreamChannelStream>, Status> {
        let responses = stream::open(&self.shared, request.into_inner())?;
        Ok(Response::new(Box::pin(responses)))
    }

    async fn capabilities(
        &self,
        _: Request<v1::CapabilitiesRequest>,
    ) -> Result<Response<v1::CapabilitiesResponse>, Status> {
        let p4runtime_api_version = p4runtime::API_VERSION.to_owned();
        Ok(Response::new(v1::CapabilitiesResponse { p4runtime_api_version }))
    }
}
