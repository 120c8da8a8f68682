//! A client of a group: it sends the whole set when that changed, and else asks whether the group
//! is still what it was left as.

use crate::connection::Connection;
use anyhow::ensure;
use dpd_types::{Digest, EnsureRequest, EnsureResult, Generation, GroupState, GroupView, NatEntry};

/// The version of the API that such clients speak.
pub(crate) const API_VERSION: &str = "14.0.0";

/// A group, as its owner remembers it.
#[derive(Clone, Debug)]
pub(crate) struct GroupOwner {
    group: String,
    generation: Generation,
    digest: Option<Digest>,
}

impl GroupOwner {
    /// The owner of a group that does not exist yet.
    pub(crate) fn new(group: &str) -> Self {
        Self { group: group.to_owned(), generation: Generation::MIN, digest: None }
    }

    /// The path of the group.
    pub(crate) fn path(&self) -> String {
        format!("/nat/groups/{}", self.group)
    }

    /// Sends the whole set, with a generation of its own.
    pub(crate) async fn ensure(
        &mut self,
        connection: &mut Connection,
        entries: &[NatEntry],
    ) -> anyhow::Result<EnsureResult> {
        let body = serde_json::to_vec(&self.next_request(entries)?)?;
        self.send(connection, body).await
    }

    /// The request for this set, with the generation that is next.
    pub(crate) fn next_request(&self, entries: &[NatEntry]) -> anyhow::Result<EnsureRequest> {
        let generation = Generation::try_from(self.generation.get() + 1)?;
        Ok(EnsureRequest::new(generation, entries.to_vec()))
    }

    /// Sends the request that [`GroupOwner::next_request`] made.
    pub(crate) async fn send(
        &mut self,
        connection: &mut Connection,
        body: Vec<u8>,
    ) -> anyhow::Result<EnsureResult> {
        let result: EnsureResult = connection.put_for(&self.path(), body.into()).await?;
        self.generation = Generation::try_from(result.generation)?;
        self.digest = Some(result.digest);
        Ok(result)
    }

    /// Asks whether the group is still as it was left.
    pub(crate) async fn check(&self, connection: &mut Connection) -> anyhow::Result<()> {
        let view: GroupView = connection.get(&self.path()).await?;
        ensure!(
            view.generation == self.generation.get()
                && Some(view.digest) == self.digest
                && view.state == GroupState::Programmed,
            "the group is not as it was left: {view:?}"
        );
        Ok(())
    }

    /// Deletes the group. Ensures may follow.
    pub(crate) async fn delete(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        connection.delete(&format!("{}?generation={}", self.path(), self.generation)).await?;
        self.digest = None;
        Ok(())
    }
}
