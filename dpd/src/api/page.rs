//! Pages: how long they are, and how one leads to the next.

use super::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nat_groups::{ExternalAddr, PortRange, Slot};
use oxnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::num::NonZeroU32;

/// The items of a page if the client does not say.
const DEFAULT_LIMIT: usize = 1000;
/// The most items of a page.
const MAX_LIMIT: usize = 10_000;

/// How many items a page has.
pub(super) fn page_limit(asked: Option<NonZeroU32>) -> usize {
    asked.map_or(DEFAULT_LIMIT, |asked| (asked.get() as usize).min(MAX_LIMIT))
}

/// Where the next page begins, and of what. A token is good for the operation and the group that
/// it was given out for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PageToken {
    /// Groups.
    Groups { after: String },
    /// A generation's entries.
    Entries {
        group: String,
        generation: u64,
        external: Option<IpAddr>,
        vni: Option<u32>,
        after: TokenSlot,
    },
    /// A group's generations.
    Generations { group: String, after: u64 },
    /// The changes between two generations.
    Changes { group: String, from: u64, to: u64, after: TokenSlot },
    /// The addresses of a family.
    Addresses { after: IpAddr },
    /// The entries of an address, of any group.
    Address { after: TokenSlot },
    /// The neighbours of a family.
    Neighbors { after: IpAddr },
    /// The routes of a family.
    Routes { after: IpNet },
    /// Ports.
    Ports { after: u16 },
}

/// A slot in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TokenSlot(IpAddr, u16, u16);

impl From<Slot> for TokenSlot {
    fn from(Slot { external, ports }: Slot) -> Self {
        Self(external.into(), ports.low(), ports.high())
    }
}

impl TokenSlot {
    /// The slot, unless someone made the token up.
    pub(super) fn slot(self) -> Result<Slot, Problem> {
        let Self(external, low, high) = self;
        let ports = PortRange::new(low, high).map_err(|_| Problem::PageToken)?;
        Ok(Slot::new(ExternalAddr::from(external), ports))
    }
}

impl PageToken {
    /// As text.
    pub(super) fn encode(&self) -> Result<String, Problem> {
        let json =
            serde_json::to_vec(self).map_err(|_| Problem::Internal("a page token has no text"))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    /// From text.
    pub(super) fn decode(text: &str) -> Result<Self, Problem> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| Problem::PageToken)?;
        serde_json::from_slice(&json).map_err(|_| Problem::PageToken)
    }
}

/// The first `limit` of `items`, and whether there are more.
pub(super) fn take_page<T>(items: impl Iterator<Item = T>, limit: usize) -> (Vec<T>, bool) {
    let mut items = items;
    let page: Vec<T> = items.by_ref().take(limit).collect();
    let more = page.len() == limit && items.next().is_some();
    (page, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_was_given_out() {
        let after = Slot::new(
            ExternalAddr::from("203.0.113.7".parse::<IpAddr>().unwrap()),
            PortRange::single(u16::MAX),
        );
        let token = PageToken::Changes { group: "a".into(), from: 0, to: 9, after: after.into() };
        let back = PageToken::decode(&token.encode().unwrap()).unwrap();
        assert_eq!(back, token);
        assert!(
            matches!(back, PageToken::Changes { after: slot, .. } if slot.slot().unwrap() == after)
        );
    }

    #[test]
    fn a_made_up_token_is_refused() {
        for text in ["", "nonsense", "bm90IGpzb24", "!!"] {
            assert!(matches!(PageToken::decode(text), Err(Problem::PageToken)), "{text}");
        }
    }

    #[test]
    fn a_page_knows_whether_more_follow() {
        assert_eq!(take_page(0..3, 3), (vec![0, 1, 2], false));
        assert_eq!(take_page(0..4, 3), (vec![0, 1, 2], true));
        assert_eq!(take_page(0..0, 3), (vec![], false));
    }

    #[test]
    fn a_page_is_as_long_as_asked_up_to_the_most() {
        assert_eq!(page_limit(None), 1000);
        assert_eq!(page_limit(NonZeroU32::new(128)), 128);
        assert_eq!(page_limit(NonZeroU32::new(1_000_000)), 10_000);
    }
}
