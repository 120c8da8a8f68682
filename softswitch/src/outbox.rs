//! What waits to be sent to a controller.
//!
//! A controller that reads slowly loses packets and errors, which are counted, and never makes the
//! switch wait or keep more than so much for it. What it is told of arbitration is not lost; a
//! controller that lets much of that lie is cut off.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use p4runtime::v1::StreamMessageResponse;
use parking_lot::Mutex;
use prost::Message as _;
use tonic::Status;

/// How many messages can wait.
const MAX_MESSAGES: usize = 1024;

/// How many bytes can wait.
const MAX_BYTES: usize = 4 << 20;

/// How many notifications can wait.
const MAX_NOTICES: usize = 64;

/// What waits to be sent to a controller.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<(Kind, StreamMessageResponse)>,
    bytes: usize,
    notices: usize,
    end: Option<End>,
    waker: Option<Waker>,
}

/// How the stream ends, after what waits.
#[derive(Debug)]
enum End {
    Good,
    Bad(Status),
    Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Notice,
    Other,
}

/// Too much waits already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Outbox {
    /// A notification; one too many is refused, and the stream has to end.
    pub(crate) fn put_notice(&self, message: StreamMessageResponse) -> Result<(), Full> {
        let mut waiting = self.waiting.lock();
        if waiting.notices >= MAX_NOTICES {
            return Err(Full);
        }
        waiting.notices += 1;
        waiting.put(Kind::Notice, message);
        Ok(())
    }

    /// A packet or an error, which is lost if too much waits.
    pub(crate) fn put(&self, message: StreamMessageResponse) -> Result<(), Full> {
        let bytes = message.encoded_len();
        let mut waiting = self.waiting.lock();
        let fits = waiting.messages.len() < MAX_MESSAGES && waiting.bytes + bytes <= MAX_BYTES;
        if !fits || waiting.end.is_some() {
            return Err(Full);
        }
        waiting.put(Kind::Other, message);
        Ok(())
    }

    /// Ends the stream after what waits, unless it has an end already.
    pub(crate) fn end(&self, status: Result<(), Status>) {
        let mut waiting = self.waiting.lock();
        if waiting.end.is_none() {
            waiting.end = Some(match status {
                Ok(()) => End::Good,
                Err(status) => End::Bad(status),
            });
            waiting.wake();
        }
    }

    /// The next message or, at the end, once the status if it is an error.
    pub(crate) fn poll(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<StreamMessageResponse, Status>>> {
        let mut waiting = self.waiting.lock();
        if let Some((kind, message)) = waiting.messages.pop_front() {
            match kind {
                Kind::Notice => waiting.notices -= 1,
                Kind::Other => waiting.bytes -= message.encoded_len(),
            }
            return Poll::Ready(Some(Ok(message)));
        }
        match waiting.end.take() {
            None => {
                waiting.waker = Some(context.waker().clone());
                Poll::Pending
            }
            Some(end) => {
                waiting.end = Some(End::Told);
                Poll::Ready(match end {
                    End::Bad(status) => Some(Err(status)),
                    End::Good | End::Told => None,
                })
            }
        }
    }
}

impl Waiting {
    fn put(&mut self, kind: Kind, message: StreamMessageResponse) {
        if kind == Kind::Other {
            self.bytes += message.encoded_len();
        }
        self.messages.push_back((kind, message));
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use p4runtime::v1::stream_message_response::Update;
    use p4runtime::v1::{MasterArbitrationUpdate, PacketIn};
    use tonic::Code;

    use super::*;

    fn packet(bytes: usize) -> StreamMessageResponse {
        let packet = PacketIn { payload: vec![7; bytes], metadata: Vec::new() };
        StreamMessageResponse { update: Some(Update::Packet(packet)) }
    }

    fn notice() -> StreamMessageResponse {
        let update = Update::Arbitration(MasterArbitrationUpdate::default());
        StreamMessageResponse { update: Some(update) }
    }

    fn poll(outbox: &Outbox) -> Poll<Option<Result<StreamMessageResponse, Status>>> {
        outbox.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// How many messages wait.
    fn drain(outbox: &Outbox) -> usize {
        std::iter::from_fn(|| match poll(outbox) {
            Poll::Ready(Some(Ok(message))) => Some(message),
            _ => None,
        })
        .count()
    }

    #[test]
    fn packets_are_lost_when_too_many_wait_and_notifications_are_not() {
        let outbox = Outbox::default();
        let put = (0..2 * MAX_MESSAGES).filter(|_| outbox.put(packet(1)).is_ok()).count();
        assert_eq!(put, MAX_MESSAGES);
        outbox.put_notice(notice()).unwrap();
        assert_eq!(drain(&outbox), MAX_MESSAGES + 1);
        // There is room again.
        outbox.put(packet(1)).unwrap();
        assert_eq!(drain(&outbox), 1);
    }

    #[test]
    fn packets_are_lost_when_too_many_bytes_wait() {
        let outbox = Outbox::default();
        let bytes = MAX_BYTES / 10;
        let put = (0..20).filter(|_| outbox.put(packet(bytes)).is_ok()).count();
        assert_eq!(put, 9);
        outbox.put(packet(1)).unwrap();
        assert_eq!(drain(&outbox), 10);
        assert_eq!(outbox.waiting.lock().bytes, 0);
    }

    #[test]
    fn so_many_notifications_wait_and_no_more() {
        let outbox = Outbox::default();
        let put = (0..2 * MAX_NOTICES).filter(|_| outbox.put_notice(notice()).is_ok()).count();
        assert_eq!((put, drain(&outbox)), (MAX_NOTICES, MAX_NOTICES));
        outbox.put_notice(notice()).unwrap();
    }

    #[test]
    fn the_end_comes_once_after_what_waits() {
        let outbox = Outbox::default();
        assert!(poll(&outbox).is_pending());
        outbox.put(packet(1)).unwrap();
        outbox.end(Err(Status::unavailable("first")));
        outbox.end(Ok(()));
        assert_eq!(outbox.put(packet(1)), Err(Full));
        assert!(matches!(poll(&outbox), Poll::Ready(Some(Ok(_)))));
        match poll(&outbox) {
            Poll::Ready(Some(Err(status))) => assert_eq!(status.code(), Code::Unavailable),
            other => panic!("{other:?}"),
        }
        assert!(matches!(poll(&outbox), Poll::Ready(None)));
    }
}
