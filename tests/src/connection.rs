//! HTTP byte by byte, for requests that no proper client would send.

use crate::eventually::soon;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection to the daemon. Every step of it has to come to an end soon.
#[derive(Debug)]
pub struct Connection(TcpStream);

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        Self(soon(TcpStream::connect(address)).await.unwrap())
    }

    /// Sends the first line and the headers of a request, and the empty line after them.
    pub async fn head(&mut self, method: &str, target: &str, headers: &str) {
        let headers = if headers.is_empty() { String::new() } else { format!("{headers}\r\n") };
        self.send(&format!("{method} {target} HTTP/1.1\r\nhost: dpd\r\n{headers}\r\n")).await;
    }

    /// Sends what stands here.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.unwrap();
    }

    /// Sends what stands here, unless the daemon has closed the connection.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        soon(self.0.write_all(bytes.as_ref())).await
    }

    /// Says that no more is to come, and goes on reading.
    pub async fn finish_sending(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Reads one answer, up to its declared length: its status and its body.
    pub async fn answer(&mut self) -> (u16, Value) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(self.0.read_u8()).await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        soon(self.0.read_exact(&mut body)).await.unwrap();
        (status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() })
    }

    /// Waits until the daemon closes the connection, and counts the bytes that came before.
    pub async fn until_closed(&mut self) -> usize {
        let mut rest = Vec::new();
        // A reset is an end as well.
        let _ = soon(self.0.read_to_end(&mut rest)).await;
        rest.len()
    }
}
