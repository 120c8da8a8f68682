//! All pages of anything that dpd answers in pages.

use crate::Failure;
use crate::generated::{Error, ResponseValue};
use dpd_types::{ChangesPage, EntriesPage, NatChange, NatEntry, Page};
use futures::stream::{self, Stream, TryStreamExt};
use std::future::Future;

/// A page, and where the next one is.
pub trait Paged {
    /// What there are pages of.
    type Item;

    /// The token of the next page; none on the last.
    fn next_page(&self) -> Option<&str>;

    /// What this page holds.
    fn into_items(self) -> Vec<Self::Item>;
}

/// All pages, one after the other, each asked for when the one before was taken.
///
/// `send` asks for a page: the first if it is given no token, else the page with that token, where
/// beside the token only a limit may be set. It stops at the last page or the first failure.
pub fn pages<P: Paged, Sent>(
    send: impl FnMut(Option<String>) -> Sent,
) -> impl Stream<Item = Result<P, Failure>>
where
    Sent: Future<Output = Result<ResponseValue<P>, Error<Box<dpd_types::Error>>>>,
{
    stream::try_unfold((send, Next::First), async |(mut send, next)| {
        let token = match next {
            Next::First => None,
            Next::Page(token) => Some(token),
            Next::None => return Ok(None),
        };
        let page = send(token.clone()).await?.into_inner();
        let next = match page.next_page() {
            None => Next::None,
            Some(next) if token.as_deref() == Some(next) => {
                return Err(Failure::EndlessPages { page_token: next.to_owned() });
            }
            Some(next) => Next::Page(next.to_owned()),
        };
        Ok(Some((page, (send, next))))
    })
}

/// All items of all pages. See [`pages`].
pub fn items<P: Paged, Sent>(
    send: impl FnMut(Option<String>) -> Sent,
) -> impl Stream<Item = Result<P::Item, Failure>>
where
    Sent: Future<Output = Result<ResponseValue<P>, Error<Box<dpd_types::Error>>>>,
{
    pages(send).map_ok(|page: P| stream::iter(page.into_items().into_iter().map(Ok))).try_flatten()
}

impl<T> Paged for Page<T> {
    type Item = T;

    fn next_page(&self) -> Option<&str> {
        self.next_page.as_deref()
    }

    fn into_items(self) -> Vec<T> {
        self.items
    }
}

impl Paged for EntriesPage {
    type Item = NatEntry;

    fn next_page(&self) -> Option<&str> {
        self.next_page.as_deref()
    }

    fn into_items(self) -> Vec<NatEntry> {
        self.items
    }
}

impl Paged for ChangesPage {
    type Item = NatChange;

    fn next_page(&self) -> Option<&str> {
        self.next_page.as_deref()
    }

    fn into_items(self) -> Vec<NatChange> {
        self.items
    }
}

/// Which page to ask for.
enum Next {
    First,
    Page(String),
    None,
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "the generated client's error is what it is")]
mod tests {
    use super::*;
    use dpd_types::{ChangeOp, Digest, ErrorCode, MacAddr, NatTarget};
    use reqwest::{StatusCode, header::HeaderMap};
    use rstest::rstest;
    use std::net::{Ipv4Addr, Ipv6Addr};

    type Answer<P> = Result<ResponseValue<P>, Error<Box<dpd_types::Error>>>;

    fn answer<P>(page: P) -> Answer<P> {
        Ok(ResponseValue::new(page, StatusCode::OK, HeaderMap::new()))
    }

    /// A list of the numbers below `total` in pages of `size`; a token is the page's first number.
    async fn numbers(total: usize, size: usize, token: Option<String>) -> Answer<Page<usize>> {
        let start = token.map_or(0, |token| token.parse().unwrap());
        let end = (start + size).min(total);
        let next_page = (end < total).then(|| end.to_string());
        answer(Page { items: (start..end).collect(), next_page })
    }

    #[rstest]
    #[case::nothing(0, 3)]
    #[case::less_than_a_page(2, 3)]
    #[case::exactly_a_page(3, 3)]
    #[case::a_page_and_one(4, 3)]
    #[case::many_pages(100, 7)]
    #[tokio::test]
    async fn every_item_comes_once_and_in_order(#[case] total: usize, #[case] size: usize) {
        let items: Result<Vec<_>, _> =
            items(|token| numbers(total, size, token)).try_collect().await;
        assert_eq!(items.unwrap(), (0..total).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn an_empty_page_in_between_is_no_end() {
        let all: Vec<u8> = items(|token: Option<String>| async move {
            answer(match token.as_deref() {
                None => Page { items: vec![1], next_page: Some("a".to_owned()) },
                Some("a") => Page { items: vec![], next_page: Some("b".to_owned()) },
                _ => Page { items: vec![2], next_page: None },
            })
        })
        .try_collect()
        .await
        .unwrap();
        assert_eq!(all, [1, 2]);
    }

    #[tokio::test]
    async fn a_page_is_asked_for_only_when_wanted() {
        let mut asked = 0;
        {
            let mut items = std::pin::pin!(items(|token| {
                asked += 1;
                numbers(100, 10, token)
            }));
            for _ in 0..10 {
                items.try_next().await.unwrap();
            }
        }
        assert_eq!(asked, 1);
    }

    #[tokio::test]
    async fn a_failure_ends_it_and_is_handed_on() {
        let expired = || {
            let error = dpd_types::Error::new("4f1c", ErrorCode::GenerationExpired, "gone");
            let answer = ResponseValue::new(Box::new(error), StatusCode::GONE, HeaderMap::new());
            Err(Error::ErrorResponse(answer))
        };
        let mut asked = Vec::new();
        let mut collected = Vec::new();
        {
            let mut items = std::pin::pin!(items(|token| {
                asked.push(token.clone());
                async move { if token.is_none() { numbers(9, 3, token).await } else { expired() } }
            }));
            while let Ok(Some(item)) = items.try_next().await {
                collected.push(item);
            }
            assert!(items.try_next().await.unwrap().is_none(), "it goes on after a failure");
        }
        assert_eq!(collected, [0, 1, 2]);
        assert_eq!(asked, [None, Some("3".to_owned())]);
    }

    #[tokio::test]
    async fn a_page_that_names_itself_as_the_next_is_not_asked_for_for_ever() {
        let pages = pages(|_| async {
            answer(Page { items: vec![1], next_page: Some("again".to_owned()) })
        });
        let failure = pages.try_collect::<Vec<Page<i32>>>().await.unwrap_err();
        assert!(matches!(failure, Failure::EndlessPages { page_token } if page_token == "again"));
    }

    #[tokio::test]
    async fn pages_of_entries_and_of_changes_are_streamed_alike() {
        let entry = |low| NatEntry {
            external: Ipv4Addr::new(203, 0, 113, 7).into(),
            low,
            high: low,
            target: NatTarget {
                internal_ip: Ipv6Addr::LOCALHOST,
                inner_mac: MacAddr { a: [2, 0, 0, 0, 0, 1] },
                vni: 100,
            },
        };
        let next = |token: Option<String>| token.is_none().then(|| "more".to_owned());
        let digest = Digest([0; 32]);

        let entries = items(|token| async move {
            let items = vec![entry(if token.is_none() { 1 } else { 2 })];
            answer(EntriesPage { generation: 7, digest, items, next_page: next(token) })
        });
        assert_eq!(entries.try_collect::<Vec<_>>().await.unwrap(), [entry(1), entry(2)]);

        let change = |low| NatChange { op: ChangeOp::Add, entry: entry(low), was: None };
        let changes = items(|token| async move {
            let items = vec![change(if token.is_none() { 1 } else { 2 })];
            answer(ChangesPage { from: 6, to: 7, digest, items, next_page: next(token) })
        });
        assert_eq!(changes.try_collect::<Vec<_>>().await.unwrap(), [change(1), change(2)]);
    }
}
