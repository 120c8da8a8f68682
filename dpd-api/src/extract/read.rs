//! Receives a body into one contiguous buffer, and no more of it than allowed.

use super::BodyRefusal;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes};
use std::error::Error;
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// What a client may ask of us while it sends a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The greatest body that is taken.
    pub(crate) max_bytes: usize,
    /// How long nothing may come. A client that sends slowly but steadily is not cut off.
    pub(crate) idle: Duration,
}

/// Receives the whole body.
///
/// A body that declares itself too large is refused at once, one that turns out to be so as soon
/// as it does. What is left of it is for [`drain`].
pub(crate) async fn receive<B>(body: &mut B, limits: Limits) -> Result<Vec<u8>, BodyRefusal>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let Limits { max_bytes, idle } = limits;
    let too_large = || BodyRefusal::TooLarge { limit_bytes: size(max_bytes) };
    let declared_bytes = match body.size_hint().exact().map(usize::try_from) {
        Some(Ok(declared)) if declared <= max_bytes => Some(declared),
        Some(_) => return Err(too_large()),
        None => None,
    };
    let mut received = Vec::new();
    loop {
        let received_bytes = size(received.len());
        let Ok(frame) = timeout(idle, body.frame()).await else {
            return Err(BodyRefusal::Stalled { received_bytes, idle });
        };
        let data = match frame {
            None => return Ok(received),
            Some(Ok(frame)) => frame.into_data(),
            Some(Err(error)) => return Err(broken_off(received_bytes, error.into().as_ref())),
        };
        // What is no data is a trailer, which says nothing to us.
        let Ok(data) = data else { continue };
        if data.len() > max_bytes - received.len() {
            return Err(too_large());
        }
        make_room(&mut received, data.len(), declared_bytes);
        received.extend_from_slice(&data);
    }
}

/// Reads on for a little while, so that a client that sends first and reads then gets to read our
/// answer: a connection that is closed on unread bytes is reset, and the answer is lost with it.
/// This goes on beside the answer, which does not wait for it.
pub(crate) fn drain<B>(mut body: B)
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Send,
{
    tokio::spawn(timeout(DRAIN_TIME, async move {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let read = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(read) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    }));
}

/// The most that is read of a body that was refused.
const DRAIN_BYTES: usize = 1 << 20;
/// The longest that a body that was refused is read.
const DRAIN_TIME: Duration = Duration::from_secs(2);

/// The most that is reserved ahead of what has come: a client can declare much and send little.
const RESERVE_AHEAD_BYTES: usize = 4 << 20;

/// Makes room for `needed_bytes` more, and ahead of that for as much as has already come, but
/// never for more than was declared. So an honest body is moved a few times at most and ends in a
/// buffer of its own size, and one that lies costs at most [`RESERVE_AHEAD_BYTES`].
fn make_room(received: &mut Vec<u8>, needed_bytes: usize, declared_bytes: Option<usize>) {
    let total = received.len().saturating_add(needed_bytes);
    if total <= received.capacity() {
        return;
    }
    let Some(declared_bytes) = declared_bytes else {
        return received.reserve(needed_bytes);
    };
    let ahead = total.saturating_add(received.len().max(RESERVE_AHEAD_BYTES));
    received.reserve_exact(ahead.min(declared_bytes.max(total)) - received.len());
}

/// Whether the client broke off or broke the rules.
fn broken_off(received_bytes: u64, error: &(dyn Error + 'static)) -> BodyRefusal {
    let causes = || std::iter::successors(Some(error), |error| (**error).source());
    let cut_short = causes()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::UnexpectedEof);
    if cut_short {
        return BodyRefusal::CutShort { received_bytes };
    }
    let problem = causes().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    BodyRefusal::NotReceived { received_bytes, problem }
}

fn size(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
