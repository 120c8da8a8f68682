//! Groups of NAT mappings with generations: what should exist, what does, and the way from one to
//! the other. Pure values and functions; no HTTP, no clock, no device.
//!
//! A [`Mapping`] sends the packets of a [`Slot`] (an external address and a range of ports) to a
//! [`Target`]. Mappings belong to **groups**, and no two of them overlap, in whatever groups. The
//! owner of a group sends the complete set that should exist with a [`Generation`]; the [`Store`]
//! takes it, or refuses it with both parties named ([`Refusal`]). A store is a value: a command
//! leaves it alone and answers with the next one, which shares with it all that did not change.
//! So the last generations of a group are kept, compared ([`MappingSet::diff`]) and read while
//! writers go on, for next to nothing.
//!
//! [`Applied`] is what the device has acknowledged: never what was meant. [`plan()`] is the way from
//! there to a store, as stages of [`Write`]s that may be done in any order within a stage, and after
//! any part of which a packet that had a mapping before and has one after finds one of the two.
//! A change, the way back from a change that a device broke off, and repair are all plans.
//!
//! ```
//! use nat_groups::{
//!     Adopt, Applied, Capacity, Change, Ensure, Generation, GroupName, Limits, MacAddr, Mapping,
//!     PerFamily, PortRange, Refusal, Scope, Slot, SortedMappings, Stamp, Store, Target, Vni,
//!     one_row, plan,
//! };
//! use std::net::Ipv4Addr;
//!
//! // Who asked and when is handed in: nothing here has a clock.
//! let stamp = Stamp { unix_micros: 0, request_id: "4f1c".into() };
//! let store = Store::new(Limits::default(), one_row, stamp.clone());
//! let applied = Applied::empty(store.clone());
//! let capacity = Capacity { size_rows: PerFamily { v4: 4, v6: 4 }, has_priorities: true };
//!
//! // An owner's complete set.
//! let mapping = |low, high, sled: &str| -> Result<Mapping, Box<dyn std::error::Error>> {
//!     Ok(Mapping {
//!         slot: Slot::new(Ipv4Addr::new(203, 0, 113, 7), PortRange::new(low, high)?),
//!         target: Target {
//!             internal_ip: sled.parse()?,
//!             inner_mac: MacAddr([0xa8, 0x40, 0x25, 0xf0, 0x00, 0x01]),
//!             vni: Vni::new(100)?,
//!         },
//!     })
//! };
//! let ensure = |generation, mappings| -> Result<Ensure, Box<dyn std::error::Error>> {
//!     Ok(Ensure {
//!         group: GroupName::new("services")?,
//!         generation: Generation::new(generation)?,
//!         mappings: SortedMappings::new(mappings).expect("no two overlap"),
//!         adopt: Adopt::Identical,
//!         reserve: None,
//!         max_removals: None,
//!         allow_empty: false,
//!     })
//! };
//!
//! // Decide, plan, perform (here: nothing can go wrong), and take down what is now so.
//! let first = ensure(1, vec![mapping(0, 16383, "fd00::1")?, mapping(16384, 32767, "fd00::2")?])?;
//! let decision = store.ensure(&[first.clone()], &stamp)?;
//! let way = plan(&applied, &decision.next, Scope::Groups(&decision.touched), &capacity)?;
//! assert_eq!(way.writes().count(), 2);
//! let applied = applied.settled(&way, &decision.next);
//! let store = decision.next;
//!
//! // The next generation moves one mapping to another sled: one row is modified in place.
//! let second = ensure(2, vec![mapping(0, 16383, "fd00::1")?, mapping(16384, 32767, "fd00::3")?])?;
//! let decision = store.ensure(&[second], &stamp)?;
//! let way = plan(&applied, &decision.next, Scope::Groups(&decision.touched), &capacity)?;
//! assert_eq!((way.stages().len(), way.changes()), (1, 1));
//!
//! // What changed can be asked of any two generations that are kept.
//! let services = decision.next.group(&GroupName::new("services")?).expect("it was ensured");
//! let [newest, before] = [0, 1].map(|back| services.generations().nth(back).expect("kept"));
//! let changes: Vec<Change> = before.set.diff(&newest.set).collect();
//! assert!(matches!(changes[..], [Change::Update { .. }]));
//!
//! // A request that comes late is refused, and told the generation that there is.
//! let late = decision.next.ensure(&[first], &stamp).unwrap_err();
//! assert!(matches!(late, Refusal::StaleGeneration { current, .. } if current.get() == 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod family;
mod slot;
mod target;

mod mapping;

mod digest;

mod change;

mod set;

mod generation;
mod name;

mod group;

mod owners;

mod in_order;

mod store;

mod restore;

mod command;

mod listed;
mod refusal;

mod decide;

mod edit;

mod capacity;

mod diverged;

mod applied;

mod reading;

mod difference;

mod plan;

mod draft;
mod fewest_gaps;
mod order;
mod removal;
mod schedule;

pub use applied::{Applied, DeviceRow, Divergence, Priority, SlotRows};
pub use capacity::{Capacity, GroupRows, RowCost, TableFull, one_row};
pub use change::{Change, ChangeCounts};
pub use command::{Adopt, Decision, Delta, Ensure, Outcome, Removal};
pub use difference::Difference;
pub use digest::Digest;
pub use family::{Family, PerFamily};
pub use generation::{Generation, InvalidGeneration};
pub use group::{Group, Stamp, Version};
pub use listed::Listed;
pub use mapping::{Mapping, Overlap, SortedMappings};
pub use name::{GroupId, GroupName, InvalidGroupName};
pub use plan::{Plan, Scope, Write, plan};
pub use refusal::{Conflict, MissingMapping, Refusal};
pub use restore::{Inconsistency, KeptGroup};
pub use set::MappingSet;
pub use slot::{ExternalAddr, InvalidPortRange, PortRange, Slot};
pub use store::{Limits, Store};
pub use target::{InvalidVni, MacAddr, Target, Vni};
