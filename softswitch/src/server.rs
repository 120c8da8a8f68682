//! Where controllers reach the switch.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdTcpListener};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use p4runtime::v1::p4_runtime_server::P4RuntimeServer;
use slog::{Logger, error, info};
use thiserror::Error;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;

use crate::accept::next_connection;
use crate::unix_socket::SocketFile;
use crate::{Losses, SoftSwitch};

/// The greatest message that is taken: some hundred thousand updates.
const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// How much a client may send on one stream and on one connection before it is read.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;

/// How long a client may be silent until it is asked whether it is there, and may take to answer.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long clients have at the end to take what they were sent.
const GRACE: Duration = Duration::from_secs(2);

/// Where to listen: an address with a port, of which 0 is any that is free, or `unix:` and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A TCP port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// A text says nowhere to listen.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is no place to listen; write ADDR:PORT, as in [::1]:9559, or unix:PATH")]
pub struct InvalidListen {
    text: String,
}

/// The switch cannot be reached there.
#[derive(Debug, Error)]
#[error("cannot listen at {at}: {error}")]
pub struct ListenError {
    /// Where.
    pub at: Listen,
    /// Why not.
    pub error: io::Error,
}

/// A switch that listens.
pub struct Server {
    switch: SoftSwitch,
    listeners: Vec<Listener>,
}

enum Listener {
    Tcp(TcpListener, SocketAddr),
    Unix(UnixListener, SocketFile),
}

impl Server {
    /// Listens everywhere. Who connects is served once [`Server::serve`] runs. This has to be
    /// called in a runtime.
    ///
    /// # Errors
    ///
    /// The first place where that is not possible.
    pub fn bind(switch: SoftSwitch, listen: &[Listen]) -> Result<Server, ListenError> {
        let listeners = listen
            .iter()
            .map(|at| Listener::bind(at).map_err(|error| ListenError { at: at.clone(), error }));
        let listeners = listeners.collect::<Result<_, _>>()?;
        Ok(Server { switch, listeners })
    }

    /// Where it listens, with the ports that were chosen.
    pub fn addresses(&self) -> Vec<Listen> {
        self.listeners.iter().map(Listener::address).collect()
    }

    /// Serves until the future ends. All streams end then, with `UNAVAILABLE`, and requests have
    /// two seconds to.
    pub async fn serve(self, until: impl Future<Output = ()>) {
        let Server { switch, listeners } = self;
        let shared = switch.shared.clone();
        let (end, ended) = watch::channel(false);
        let mut serving = JoinSet::new();
        for listener in listeners {
            let at = listener.address();
            let service = P4RuntimeServer::new(switch.clone())
                .max_decoding_message_size(MAX_MESSAGE_BYTES)
                .max_encoding_message_size(usize::MAX);
            let mut ended = ended.clone();
            let until = async move {
                let _ = ended.wait_for(|ended| *ended).await;
            };
            let log = shared.log.clone();
            serving.spawn(async move {
                if let Err(error) = listener.serve(service, log.clone(), until).await {
                    error!(log, "serving has failed"; "at" => %at, "error" => %error);
                }
            });
        }
        tokio::select! {
            () = until => {}
            // Without a place to listen there is nothing to wait for, and that cannot be.
            () = async { while serving.join_next().await.is_some() {} }, if !serving.is_empty() => {}
        }
        info!(shared.log, "the switch ends");
        end.send_replace(true);
        shared.controllers.end();
        let all = async { while serving.join_next().await.is_some() {} };
        // Who does not read has no claim to more.
        let _ = tokio::time::timeout(GRACE, all).await;
        let losses = switch.losses();
        if losses != Losses::default() {
            info!(shared.log, "packets were lost"; "losses" => ?losses);
        }
    }
}

impl Listener {
    fn bind(at: &Listen) -> io::Result<Listener> {
        match at {
            Listen::Tcp(address) => {
                let listener = StdTcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                Ok(Listener::Tcp(TcpListener::from_std(listener)?, address))
            }
            Listen::Unix(path) => {
                let (listener, file) = SocketFile::listen(path)?;
                Ok(Listener::Unix(UnixListener::from_std(listener)?, file))
            }
        }
    }

    fn address(&self) -> Listen {
        match self {
            Listener::Tcp(_, address) => Listen::Tcp(*address),
            Listener::Unix(_, file) => Listen::Unix(file.path().to_owned()),
        }
    }

    async fn serve(
        self,
        service: P4RuntimeServer<SoftSwitch>,
        log: Logger,
        until: impl Future<Output = ()>,
    ) -> Result<(), tonic::transport::Error> {
        let router = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .add_service(service);
        // The one who accepts goes when nobody takes what it accepts.
        match self {
            Listener::Tcp(listener, _) => {
                let (sender, incoming) = mpsc::channel(1);
                tokio::spawn(async move {
                    let accept = || listener.accept();
                    while let Some(socket) = next(&log, &sender, accept).await {
                        // Without it small messages may be held back. It does not fail.
                        let _ = socket.set_nodelay(true);
                        let _ = sender.send(Ok::<_, Infallible>(socket)).await;
                    }
                });
                let incoming = ReceiverStream::new(incoming);
                router.serve_with_incoming_shutdown(incoming, until).await
            }
            Listener::Unix(listener, _file) => {
                let (sender, incoming) = mpsc::channel(1);
                tokio::spawn(async move {
                    let accept = || listener.accept();
                    while let Some(socket) = next(&log, &sender, accept).await {
                        let _ = sender.send(Ok::<_, Infallible>(socket)).await;
                    }
                });
                let incoming = ReceiverStream::new(incoming);
                router.serve_with_incoming_shutdown(incoming, until).await
            }
        }
    }
}

/// The next connection, as long as somebody wants it.
async fn next<S, A, F>(
    log: &Logger,
    taker: &mpsc::Sender<Result<S, Infallible>>,
    accept: impl Fn() -> F,
) -> Option<S>
where
    F: Future<Output = io::Result<(S, A)>>,
{
    tokio::select! {
        socket = next_connection(log, accept) => Some(socket),
        () = taker.closed() => None,
    }
}

impl FromStr for Listen {
    type Err = InvalidListen;

    fn from_str(text: &str) -> Result<Listen, InvalidListen> {
        let invalid = || InvalidListen { text: text.to_owned() };
        match text.strip_prefix("unix:") {
            Some("") => Err(invalid()),
            Some(path) => Ok(Listen::Unix(path.into())),
            None => text.parse().map(Listen::Tcp).map_err(|_| invalid()),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Tcp(address) => address.fmt(formatter),
            Listen::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}
