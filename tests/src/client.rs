//! A client as thin as can be: a request goes out as it stands here, and the answer comes back as
//! a status and a JSON value.

use crate::entry::{Entry, entry_list};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Sends requests to a daemon.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    version: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

/// The status that each error code comes with.
const STATUS_OF: [(&str, u16); 28] = [
    ("InvalidBody", 400),
    ("InvalidEntries", 400),
    ("EmptySet", 400),
    ("InvalidGroupName", 400),
    ("InvalidPath", 400),
    ("InvalidQuery", 400),
    ("InvalidPageToken", 400),
    ("ReservedGroup", 400),
    ("NoSuchGroup", 404),
    ("NoSuchTable", 404),
    ("NoSuchRoute", 404),
    ("NoSuchNeighbor", 404),
    ("NoSuchAddress", 404),
    ("NoSuchGeneration", 404),
    ("no mapping", 404),
    ("StaleGeneration", 409),
    ("GenerationMismatch", 409),
    ("TooManyRemovals", 409),
    ("EntryConflict", 409),
    ("Exists", 409),
    ("conflicting mapping", 409),
    ("GenerationExpired", 410),
    ("BodyTooLarge", 413),
    ("TableFull", 507),
    ("TooManyGroups", 507),
    ("DeviceRefused", 503),
    ("Torn", 503),
    ("JournalFailed", 503),
];

/// The body of an ensure with nothing optional in it. [`With::with`] adds the rest.
pub fn request(generation: u64, entries: &[Entry]) -> Value {
    json!({ "generation": generation, "entries": entry_list(entries) })
}

/// Adds to a JSON object.
pub trait With {
    /// The object with this field, in place of any of the same name.
    fn with(self, name: &str, value: impl Into<Value>) -> Self;

    /// The object without this field.
    fn without(self, name: &str) -> Self;
}

impl With for Value {
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self[name] = value.into();
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.as_object_mut().unwrap().remove(name);
        self
    }
}

impl Client {
    /// A client of the daemon that listens here.
    pub fn new(address: SocketAddr) -> Self {
        Self { http: reqwest::Client::new(), base: format!("http://{address}"), version: None }
    }

    /// The same client, asking for this version of the interface.
    pub fn at_version(&self, version: &str) -> Self {
        Self { version: Some(version.to_owned()), ..self.clone() }
    }

    /// GETs a path, which may have a query.
    pub async fn get(&self, path: impl AsRef<str>) -> Answer {
        self.send(self.build(Method::GET, path)).await
    }

    /// PUTs JSON.
    pub async fn put(&self, path: impl AsRef<str>, body: &Value) -> Answer {
        self.send(self.build(Method::PUT, path).json(body)).await
    }

    /// PUTs a body that need not be JSON.
    pub async fn put_text(&self, path: impl AsRef<str>, body: impl Into<String>) -> Answer {
        let request = self.build(Method::PUT, path).body(body.into());
        self.send(request.header("content-type", "application/json")).await
    }

    /// POSTs JSON.
    pub async fn post_json(&self, path: impl AsRef<str>, body: &Value) -> Answer {
        self.send(self.build(Method::POST, path).json(body)).await
    }

    /// POSTs without a body.
    pub async fn post(&self, path: impl AsRef<str>) -> Answer {
        self.send(self.build(Method::POST, path)).await
    }

    /// DELETEs a path, which may have a query.
    pub async fn delete(&self, path: impl AsRef<str>) -> Answer {
        self.send(self.build(Method::DELETE, path)).await
    }

    /// Ensures a group's complete set.
    pub async fn ensure(&self, group: &str, generation: u64, entries: &[Entry]) -> Answer {
        self.ensure_with(group, &request(generation, entries)).await
    }

    /// Ensures a group with a body made by [`request`].
    pub async fn ensure_with(&self, group: &str, request: &Value) -> Answer {
        self.put(format!("/nat/groups/{group}"), request).await
    }

    /// Asks what an ensure would do.
    pub async fn try_out(&self, group: &str, request: &Value) -> Answer {
        self.put(format!("/nat/groups/{group}?dry_run=true"), request).await
    }

    /// Deletes a group.
    pub async fn delete_group(&self, group: &str, generation: u64) -> Answer {
        self.delete(format!("/nat/groups/{group}?generation={generation}")).await
    }

    /// A group's status; fails the test if there is no such group.
    pub async fn view(&self, group: &str) -> Value {
        self.get(format!("/nat/groups/{group}")).await.ok()
    }

    /// A group's entries, page by page; fails the test if there is no such group.
    pub async fn entries(&self, group: &str) -> Vec<Entry> {
        let items = self.all_pages(&format!("/nat/groups/{group}/entries")).await;
        items.iter().map(Entry::parse).collect()
    }

    /// Makes an entry of the group `ungrouped`, the way clients before groups do.
    pub async fn put_entry(&self, entry: &Entry) -> Answer {
        self.put(entry.range_path(), &entry.target.json()).await
    }

    /// Removes the ungrouped entry that covers this entry's first port.
    pub async fn delete_entry(&self, entry: &Entry) -> Answer {
        self.delete(entry.port_path(entry.low)).await
    }

    /// The items of all pages of a list.
    pub async fn all_pages(&self, path: &str) -> Vec<Value> {
        self.pages(path).await.into_iter().flatten().collect()
    }

    /// The items of a list, page by page.
    pub async fn pages(&self, path: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut page = self.get(path).await.ok();
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let limit = query.split('&').find(|parameter| parameter.starts_with("limit="));
        loop {
            pages.push(page["items"].as_array().unwrap().clone());
            let Some(token) = page["next_page"].as_str() else { return pages };
            assert!(!pages.last().unwrap().is_empty(), "an empty page leads to another");
            let limit = limit.map(|limit| format!("&{limit}")).unwrap_or_default();
            page = self.get(format!("{bare}?page_token={token}{limit}")).await.ok();
        }
    }

    /// A request to be sent otherwise than the rest here does.
    pub fn build(&self, method: Method, path: impl AsRef<str>) -> RequestBuilder {
        let builder = self.http.request(method, format!("{}{}", self.base, path.as_ref()));
        match &self.version {
            None => builder,
            Some(version) => builder.header("api-version", HeaderValue::from_str(version).unwrap()),
        }
    }

    /// Sends it and waits for the whole answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }
}

impl Answer {
    /// The body of a success.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
    }

    /// Checks that it is a success without a body.
    pub fn no_content(&self) {
        assert_eq!((self.status, self.text.as_str()), (204, ""), "{self:?}");
    }

    /// The body of a refusal with this code: its status is the code's, it names its request, and
    /// it has a message for people.
    pub fn refused(&self, code: &str) -> Value {
        let known = STATUS_OF.iter().find(|(known, _)| *known == code);
        let (_, status) = *known.unwrap_or_else(|| panic!("there is no code {code}"));
        let body = self.json();
        assert_eq!((self.status, body["error_code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(body["request_id"], self.request_id(), "{self:?}");
        let message = body["message"].as_str().unwrap();
        let is_a_sentence = message.split(' ').count() >= 3;
        let is_of_the_code =
            ["Some(", "Err(", "None", "::{", " { "].iter().any(|it| message.contains(it));
        assert!(is_a_sentence && !is_of_the_code, "this is not for people: {message}");
        body
    }

    /// The id of the request, which every answer has.
    pub fn request_id(&self) -> &str {
        self.headers["x-request-id"].to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }
}
