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

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream::{self, Stream, StreamExt};
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;

    const LIMITS: Limits = Limits { max_bytes: 100, idle: Duration::from_secs(30) };

    /// A body of these pieces, whose length nobody declared, and then of what `after` brings.
    fn pieces<S>(
        pieces: &[&'static str],
        after: S,
    ) -> impl Body<Data = Bytes, Error = io::Error> + Unpin + use<S>
    where
        S: Stream<Item = io::Result<Bytes>> + Unpin,
    {
        let pieces: Vec<_> =
            pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        StreamBody::new(stream::iter(pieces).chain(after).map(|piece| piece.map(Frame::data)))
    }

    #[tokio::test]
    async fn a_body_is_received_as_one() {
        let mut body = pieces(&["{\"a\"", ": 1}"], stream::empty());
        assert_eq!(receive(&mut body, LIMITS).await, Ok(b"{\"a\": 1}".to_vec()));
    }

    #[tokio::test]
    async fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
        let mut body = Full::new(Bytes::from(vec![b' '; 100]));
        assert_eq!(receive(&mut body, LIMITS).await.map(|bytes| bytes.len()), Ok(100));
        let refused = Err(BodyRefusal::TooLarge { limit_bytes: 100 });
        let mut declared = Full::new(Bytes::from(vec![b' '; 101]));
        assert_eq!(receive(&mut declared, LIMITS).await, refused);
        let half = "                                                  ";
        let mut crossing = pieces(&[half, half, " "], stream::pending());
        assert_eq!(receive(&mut crossing, LIMITS).await, refused);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stops_sending_is_not_waited_for() {
        let start = tokio::time::Instant::now();
        let mut body = pieces(&["{\"a\"", ":"], stream::pending());
        let stalled = BodyRefusal::Stalled { received_bytes: 5, idle: LIMITS.idle };
        assert_eq!(receive(&mut body, LIMITS).await, Err(stalled));
        assert_eq!(start.elapsed().as_secs(), LIMITS.idle.as_secs());
    }

    #[tokio::test]
    async fn a_client_that_breaks_off_is_told_from_one_that_breaks_the_rules() {
        let error = |kind| stream::iter([Err(io::Error::new(kind, "no more"))]);
        let mut body = pieces(&["{\"a\""], error(io::ErrorKind::UnexpectedEof));
        let cut_short = BodyRefusal::CutShort { received_bytes: 4 };
        assert_eq!(receive(&mut body, LIMITS).await, Err(cut_short));
        let mut body = pieces(&["{\"a\""], error(io::ErrorKind::InvalidInput));
        let problem = "no more".to_owned();
        let not_received = BodyRefusal::NotReceived { received_bytes: 4, problem };
        assert_eq!(receive(&mut body, LIMITS).await, Err(not_received));
    }

    #[test]
    fn a_declared_length_is_not_trusted_with_memory() {
        let mut received = Vec::new();
        make_room(&mut received, 1, Some(64 << 20));
        assert!(received.capacity() <= RESERVE_AHEAD_BYTES + 1, "{}", received.capacity());
    }

    #[test]
    fn an_honest_body_is_moved_at_most_twice_and_wastes_no_memory() {
        let (declared, piece) = (15_600_000, vec![b' '; 16 << 10]);
        let (mut received, mut moves) = (Vec::<u8>::new(), 0);
        while received.len() < declared {
            let piece = &piece[..piece.len().min(declared - received.len())];
            let capacity = received.capacity();
            make_room(&mut received, piece.len(), Some(declared));
            moves += usize::from(capacity > 0 && received.capacity() != capacity);
            received.extend_from_slice(piece);
        }
        assert!(moves <= 2, "{moves}");
        assert_eq!(received.capacity(), declared);
    }
}
