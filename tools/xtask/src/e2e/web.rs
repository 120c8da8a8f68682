//! An ordinary HTTP server on a sled and an ordinary HTTP client outside.

use anyhow::{Context as _, Result, bail, ensure};
use futures::stream::{self, Stream, StreamExt as _};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::interval;

/// The port of the service that speaks HTTP, which is among the service's ports.
pub(crate) const PORT: u16 = 8080;

/// The header by which a server says which sled it is on.
const SLED: &str = "x-sled";

/// How often a transfer sends a piece.
const PIECES_PER_SECOND: u32 = 50;

/// A transfer's size, and how long it should take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) bytes: u64,
    pub(crate) seconds: u32,
}

/// Serves a sled's name at `/`, a transfer at `/download/BYTES/SECONDS`, and takes one at `/upload`.
pub(crate) async fn serve(listener: TcpListener, sled: &'static str) {
    loop {
        let Ok((connection, _)) = listener.accept().await else { continue };
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, sled));
            // A client that goes away is the client's business.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
        });
    }
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

async fn answer(
    request: Request<Incoming>,
    sled: &'static str,
) -> Result<Response<Body>, http::Error> {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let response = Response::builder().header(SLED, sled);
    let (status, text) = match (request.method(), &parts[..]) {
        (&Method::GET, [""]) => (StatusCode::OK, sled.to_owned()),
        (&Method::GET, ["download", bytes, seconds]) => {
            if let (Ok(bytes), Ok(seconds)) = (bytes.parse(), seconds.parse()) {
                let body = paced(Size { bytes, seconds }).map(|piece| Ok(Frame::data(piece)));
                let body = StreamBody::new(body).boxed_unsync();
                return response.header(http::header::CONTENT_LENGTH, bytes).body(body);
            }
            (StatusCode::BAD_REQUEST, "not a size".to_owned())
        }
        (&Method::POST, ["upload"]) => match check(request.into_body().into_data_stream()).await {
            Ok(bytes) => (StatusCode::OK, bytes.to_string()),
            Err(error) => (StatusCode::BAD_REQUEST, format!("{error:#}")),
        },
        _ => (StatusCode::NOT_FOUND, "no such page".to_owned()),
    };
    response.status(status).body(Full::from(text).boxed_unsync())
}

/// A client that opens a connection for each request.
pub(crate) fn client() -> Result<reqwest::Client> {
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
    Ok(client.connect_timeout(Duration::from_secs(10)).build()?)
}

/// Asks the service at an external address which sled it is on.
pub(crate) async fn name(client: reqwest::Client, address: IpAddr) -> Result<String> {
    let answer = client.get(url(address, "/")).timeout(Duration::from_secs(10)).send().await?;
    Ok(answer.error_for_status()?.text().await?)
}

/// Fetches a transfer, checks each byte, and says from which sled it came.
pub(crate) async fn download(
    client: reqwest::Client,
    address: IpAddr,
    size: Size,
) -> Result<String> {
    let path = format!("/download/{}/{}", size.bytes, size.seconds);
    let answer = client.get(url(address, &path)).send().await?.error_for_status()?;
    let sled = sled_of(&answer)?;
    let bytes = check(answer.bytes_stream()).await?;
    ensure!(bytes == size.bytes, "it ended after {bytes} of {} bytes", size.bytes);
    Ok(sled)
}

/// Sends a transfer, of which the server checks each byte, and says to which sled it went.
pub(crate) async fn upload(client: reqwest::Client, address: IpAddr, size: Size) -> Result<String> {
    let body = reqwest::Body::wrap_stream(paced(size).map(Ok::<_, Infallible>));
    let answer = client.post(url(address, "/upload")).body(body).send().await?;
    let sled = sled_of(&answer)?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "the server says: {text}");
    ensure!(text == size.bytes.to_string(), "{text} of {} bytes arrived", size.bytes);
    Ok(sled)
}

fn url(address: IpAddr, path: &str) -> String {
    match address {
        IpAddr::V4(address) => format!("http://{address}:{PORT}{path}"),
        IpAddr::V6(address) => format!("http://[{address}]:{PORT}{path}"),
    }
}

fn sled_of(answer: &reqwest::Response) -> Result<String> {
    let sled = answer.headers().get(SLED).context("the answer does not say whose it is")?;
    Ok(sled.to_str()?.to_owned())
}

/// The bytes of a transfer, at an even pace.
fn paced(size: Size) -> impl Stream<Item = Bytes> + Send + 'static {
    let pieces = u64::from(size.seconds.max(1) * PIECES_PER_SECOND);
    let piece = size.bytes.div_ceil(pieces).max(1);
    let ticks = interval(Duration::from_secs(1) / PIECES_PER_SECOND);
    stream::unfold((0, ticks), move |(sent, mut ticks)| async move {
        if sent == size.bytes {
            return None;
        }
        ticks.tick().await;
        let end = size.bytes.min(sent + piece);
        Some(((sent..end).map(byte).collect::<Bytes>(), (end, ticks)))
    })
}

/// Checks each byte of a transfer, and counts them.
async fn check<E: Into<anyhow::Error>>(body: impl Stream<Item = Result<Bytes, E>>) -> Result<u64> {
    let mut body = std::pin::pin!(body);
    let mut position = 0;
    while let Some(piece) = body.next().await {
        for found in piece.map_err(Into::into)? {
            if found != byte(position) {
                bail!("byte {position} is {found} and should be {}", byte(position));
            }
            position += 1;
        }
    }
    Ok(position)
}

/// The byte at a position, so that a piece that is missing, repeated or out of place is noticed.
fn byte(position: u64) -> u8 {
    // The top of a product with the golden ratio.
    position.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0]
}
