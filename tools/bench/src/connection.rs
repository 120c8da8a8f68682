//! A client's connection: HTTP/1.1, kept alive, one request at a time.

use anyhow::{Context as _, bail};
use http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// A connection to a daemon. It lives on the runtime that it was opened on.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    api_version: HeaderValue,
    requests: u64,
}

impl Connection {
    /// Connects to a daemon, to speak this version of its API.
    pub(crate) async fn open(
        address: SocketAddr,
        api_version: &'static str,
    ) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot reach the daemon")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // If the connection fails, the request that is under way says so.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self {
            sender,
            host: address.to_string().try_into()?,
            api_version: HeaderValue::from_static(api_version),
            requests: 0,
        })
    }

    /// How many requests it has sent.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// Asks for a `T`.
    pub(crate) async fn get<T: DeserializeOwned>(&mut self, path: &str) -> anyhow::Result<T> {
        let answer = self.send(Method::GET, path, Bytes::new()).await?;
        parsed(path, &answer)
    }

    /// Puts `body`, and takes whatever the answer holds.
    pub(crate) async fn put(&mut self, path: &str, body: &impl Serialize) -> anyhow::Result<Bytes> {
        let body = serde_json::to_vec(body)?;
        self.send(Method::PUT, path, body.into()).await
    }

    /// Puts `body`, and gets a `T` for it.
    pub(crate) async fn put_for<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: Bytes,
    ) -> anyhow::Result<T> {
        let answer = self.send(Method::PUT, path, body).await?;
        parsed(path, &answer)
    }

    /// Deletes, and takes whatever the answer holds.
    pub(crate) async fn delete(&mut self, path: &str) -> anyhow::Result<Bytes> {
        self.send(Method::DELETE, path, Bytes::new()).await
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> anyhow::Result<Bytes> {
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header("api-version", &self.api_version);
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(body))?;
        self.sender.ready().await.context("the daemon closed the connection")?;
        self.requests += 1;
        let answer = self.sender.send_request(request).await;
        let answer = answer.with_context(|| format!("no answer to {method} {path}"))?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{method} {path}: {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }
}

fn parsed<T: DeserializeOwned>(path: &str, answer: &[u8]) -> anyhow::Result<T> {
    serde_json::from_slice(answer).with_context(|| format!("{path}: not the answer expected"))
}
