//! The stream of a controller: arbitration, packets, and what is wrong with its messages.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use p4runtime::v1;
use p4runtime::v1::stream_error::Details;
use p4runtime::v1::stream_message_request::Update;
use tokio::task::AbortHandle;
use tokio_stream::Stream;
use tonic::{Code, Status, Streaming};

use crate::arbitration::StreamId;
use crate::forwarder::PacketRun;
use crate::outbox::Outbox;
use crate::packet_io::MAX_PACKET_BYTES;
use crate::switch::Shared;

/// What a controller is sent. When it is dropped, which is when the controller is gone, its stream
/// has ended.
pub(crate) struct Responses {
    shared: Arc<Shared>,
    stream: StreamId,
    outbox: Arc<Outbox>,
    requests: AbortHandle,
}

/// Begins a stream: what the controller sends is taken from now on, and what it is sent comes out.
pub(crate) fn open(
    shared: &Arc<Shared>,
    requests: Streaming<v1::StreamMessageRequest>,
) -> Result<Responses, Status> {
    let (stream, outbox) = shared.controllers.join()?;
    let session = Session {
        shared: Arc::clone(shared),
        stream,
        outbox: Arc::clone(&outbox),
        packets: PacketRun::default(),
    };
    let requests = tokio::spawn(session.run(requests)).abort_handle();
    Ok(Responses { shared: Arc::clone(shared), stream, outbox, requests })
}

/// The taking side of a stream.
struct Session {
    shared: Arc<Shared>,
    stream: StreamId,
    outbox: Arc<Outbox>,
    packets: PacketRun,
}

impl Session {
    /// Takes messages until there are no more. The controller is gone then, whether it still reads
    /// or not.
    async fn run(mut self, mut requests: Streaming<v1::StreamMessageRequest>) {
        let end = self.take_all(&mut requests).await;
        self.shared.controllers.leave(self.stream);
        self.outbox.end(end);
    }

    async fn take_all(
        &mut self,
        requests: &mut Streaming<v1::StreamMessageRequest>,
    ) -> Result<(), Status> {
        let Some(first) = requests.message().await? else { return Ok(()) };
        match first.update {
            Some(Update::Arbitration(update)) => {
                self.shared.controllers.arbitrate(self.stream, &update)?;
            }
            _ => {
                return Err(Status::failed_precondition(
                    "the first message of a stream has to be an arbitration",
                ));
            }
        }
        while let Some(message) = requests.message().await? {
            self.take(message)?;
            // Many messages may be there at once, and others want to go on too.
            tokio::task::consume_budget().await;
        }
        Ok(())
    }

    /// Takes a message; an error ends the stream.
    fn take(&mut self, message: v1::StreamMessageRequest) -> Result<(), Status> {
        match message.update {
            Some(Update::Arbitration(update)) => {
                self.shared.controllers.arbitrate(self.stream, &update)?;
            }
            Some(Update::Packet(packet)) => {
                if let Err(refused) = self.packet_out(&packet) {
                    self.shared.losses.packet_out_refused.fetch_add(1, Ordering::Relaxed);
                    // A packet that no switch could take is not sent around once more.
                    let is_short = packet.payload.len() <= MAX_PACKET_BYTES;
                    let details = v1::PacketOutError { packet_out: is_short.then_some(packet) };
                    let details = Details::PacketOut(details);
                    self.refuse(refused.code(), refused.message(), details);
                }
            }
            Some(Update::DigestAck(ack)) => {
                let message = format!("there is no digest {}: the switch has none", ack.digest_id);
                let details = v1::DigestListAckError { digest_list_ack: Some(ack) };
                self.refuse(Code::InvalidArgument, &message, Details::DigestListAck(details));
            }
            Some(Update::Other(other)) => {
                let message = format!("messages of the type {:?} are not known", other.type_url);
                let details = v1::StreamOtherError { other: Some(other) };
                self.refuse(Code::Unimplemented, &message, Details::Other(details));
            }
            None => {
                let details = v1::StreamOtherError { other: None };
                let message = "the message is empty, or of a kind that is not known";
                self.refuse(Code::InvalidArgument, message, Details::Other(details));
            }
        }
        Ok(())
    }

    /// Lets a packet come in by the controllers' port.
    fn packet_out(&mut self, packet: &v1::PacketOut) -> Result<(), Status> {
        let shared = &self.shared;
        if !shared.controllers.is_primary(self.stream) {
            return Err(Status::permission_denied("only the primary controller may send packets"));
        }
        let pipeline = shared.running()?;
        let packet = pipeline.packet_headers.packet_out(packet);
        let packet = packet.map_err(|invalid| Status::invalid_argument(invalid.to_string()))?;
        let cpu_port = shared.config.cpu_port;
        shared.process(&mut self.packets, cpu_port, &packet, &mut |port, packet| {
            shared.send(port, packet);
        });
        Ok(())
    }

    /// Tells what is wrong with a message. Errors that a controller does not read are lost.
    fn refuse(&self, code: Code, message: &str, details: Details) {
        let error = v1::StreamError {
            canonical_code: code as i32,
            message: message.to_owned(),
            details: Some(details),
            ..v1::StreamError::default()
        };
        let update = v1::stream_message_response::Update::Error(error);
        let _ = self.outbox.put(v1::StreamMessageResponse { update: Some(update) });
    }
}

impl Stream for Responses {
    type Item = Result<v1::StreamMessageResponse, Status>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.outbox.poll(context)
    }
}

impl Drop for Responses {
    fn drop(&mut self) {
        self.requests.abort();
        self.shared.controllers.leave(self.stream);
    }
}
