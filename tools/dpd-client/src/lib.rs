//! A client of dpd.
//!
//! [`Client`] is generated from the OpenAPI document and has one method for each operation. Each
//! returns a builder; set what you want and `send` it:
//!
//! ```no_run
//! # async fn example(set: dpd_types::EnsureRequest) -> Result<(), dpd_client::Failure> {
//! use dpd_client::{Client, EntriesPage, Failure, pages};
//! use futures::TryStreamExt;
//!
//! let client = Client::new("http://[::1]:12224");
//!
//! // The complete set that should exist, and the generation that says so.
//! let done = client.nat_group_ensure().group("services").body(set).send().await?;
//! println!("{} writes", done.writes);
//!
//! // All pages of its entries, all of one generation.
//! let pages = pages(|token| {
//!     let request = client.nat_group_entries().group("services");
//!     match token {
//!         None => request.vni(100_u32).send(),
//!         Some(token) => request.page_token(token).send(),
//!     }
//! });
//! let entries: u64 = pages
//!     .try_fold(0, async |sum, page: EntriesPage| Ok(sum + page.items.len() as u64))
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! It speaks the types of [`dpd_types`]. What dpd refuses comes back as a [`Failure`], with dpd's
//! own sentence, its details and the request id.

mod failure;
mod generated;
mod pages;

pub use dpd_types::{ChangesPage, EntriesPage, Page};
pub use failure::Failure;
pub use generated::{Client, ClientInfo, Error, ResponseValue, builder};
pub use pages::{Paged, items, pages};
