//! One connection to a switch. It is never made anew behind anyone's back: a switch that went away
//! and came back has to be asked again who is primary and what pipeline it has.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use p4runtime::v1::p4_runtime_client::P4RuntimeClient;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tonic::body::Body;
use tower::Service;

use super::SwitchAddress;

/// Speaks P4Runtime over one connection. Clones speak over the same.
pub(super) type Client = P4RuntimeClient<Connection>;

/// The sending half of a connection.
#[derive(Clone)]
pub(super) struct Connection(http2::SendRequest<Body>);

/// Why there is no connection.
#[derive(Debug, Error)]
pub(super) enum DialError {
    /// Nobody listens there.
    #[error(transparent)]
    Unreachable(#[from] io::Error),
    /// Whoever listens does not speak HTTP/2.
    #[error(transparent)]
    Handshake(#[from] hyper::Error),
}

/// The longest answer that is taken, in bytes: a message of all rows of a table of 500,000 or so.
const LONGEST_ANSWER_BYTES: usize = 1 << 26;

/// The longest trailer that is taken, in bytes: the errors of all updates of a write are there.
const LONGEST_TRAILER_BYTES: u32 = 1 << 24;

/// What the switch may send before it is told that it may go on, in bytes.
const WINDOW_BYTES: u32 = 1 << 23;

/// Connects to the switch. The connection lives until all clients are dropped.
pub(super) async fn dial(address: &SwitchAddress) -> Result<Client, DialError> {
    let (connection, authority) = match address {
        SwitchAddress::Tcp(address) => {
            let stream = TcpStream::connect(address.as_str()).await?;
            // A write is one small message that somebody waits for.
            stream.set_nodelay(true)?;
            (handshake(stream).await?, address.parse().unwrap_or(NOWHERE.clone()))
        }
        SwitchAddress::Unix(path) => {
            (handshake(UnixStream::connect(path).await?).await?, NOWHERE.clone())
        }
    };
    let client = P4RuntimeClient::with_origin(connection, origin(authority));
    Ok(client.max_decoding_message_size(LONGEST_ANSWER_BYTES))
}

/// The name of a host that has none.
static NOWHERE: std::sync::LazyLock<Authority> =
    std::sync::LazyLock::new(|| Authority::from_static("localhost"));

async fn handshake<T>(stream: T) -> Result<Connection, hyper::Error>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .max_header_list_size(LONGEST_TRAILER_BYTES)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(2 * WINDOW_BYTES)
        .handshake(TokioIo::new(stream))
        .await?;
    // How it ends is told to those who wait for answers, of whom the stream is one.
    tokio::spawn(connection);
    Ok(Connection(sender))
}

fn origin(authority: Authority) -> Uri {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    parts.path_and_query = Some(PathAndQuery::from_static("/"));
    Uri::from_parts(parts).unwrap_or_default()
}

impl Service<http::Request<Body>> for Connection {
    type Response = http::Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, hyper::Error>> + Send>>;

    /// HTTP/2 needs no turn to be waited for. And a connection that has ended is told by the call,
    /// since what is told here reaches the caller as if the switch had said it.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}
