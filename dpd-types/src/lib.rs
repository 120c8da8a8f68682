//! What crosses the wire between dpd and its clients.
//!
//! These types say how values are written, not which are allowed: that a VNI fits in 24 bits or
//! that two entries do not overlap is judged by dpd, beside the rule. The comments here are what a
//! reader of the OpenAPI document sees.
//!
//! ```
//! use dpd_types::{EnsureRequest, Generation, NatEntry, NatTarget};
//!
//! // The complete set that should exist, and the number of the decision that says so.
//! let services = EnsureRequest::new(
//!     Generation::try_from(7)?,
//!     vec![NatEntry {
//!         external: "203.0.113.7".parse()?,
//!         low: 0,
//!         high: 16383,
//!         target: NatTarget {
//!             internal_ip: "fd00:1122:3344:101::1".parse()?,
//!             inner_mac: "a8:40:25:ff:00:01".parse()?,
//!             vni: 100,
//!         },
//!     }],
//! );
//! let text = serde_json::to_string(&services)?;
//! assert!(text.starts_with(r#"{"generation":7,"entries":[{"external":"203.0.113.7","low":0,"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod nat;

mod digest;
mod generation;
mod group;
mod group_name;

mod ensure;
mod history;
mod page;

mod forwarding;
mod packet;

mod table;

mod audit;

mod error;
mod error_code;

mod parameters;

pub use audit::{
    AuditDifferent, AuditExtra, AuditForwarding, AuditKind, AuditMissing, AuditReason, AuditResult,
    AuditRow,
};
pub use digest::{Digest, InvalidDigest};
pub use ensure::{Adopt, ChangeOp, EnsureRequest, EnsureResult, NatChange};
pub use error::{EntryConflict, Error, GroupRows, InvalidEntry};
pub use error_code::{ErrorCode, UnknownErrorCode};
pub use forwarding::{
    ArpEntry, DropCounter, Ipv4NeighborPath, Ipv4Route, Ipv4RoutePath, Ipv4RouteUpdate,
    Ipv4RouteUpdateTarget, Ipv4Routes, Ipv6Entry, Ipv6NeighborPath, Ipv6Route, Ipv6RoutePath,
    Ipv6RouteUpdate, Ipv6RouteUpdateTarget, Ipv6Routes, LoopbackIpv6Path, PacketCounter,
    PortCounters, PortRole, PortState, PortView, RouteTarget,
};
pub use generation::{Generation, GenerationOutOfRange};
pub use group::{GroupState, GroupView, PerFamily, RepairStatus, RepairWait};
pub use group_name::GroupName;
pub use history::{ChangesPage, EntriesPage, GenerationInfo};
pub use nat::{InvalidMacAddr, MacAddr, NatEntry, NatSlot, NatTarget};
pub use packet::{PacketOutput, PacketRequest, PacketTrace};
pub use page::Page;
pub use parameters::{
    AuditQuery, ChangesQuery, DeleteQuery, DryRunQuery, EntriesQuery, GroupPath, Ipv4Path,
    Ipv4PortPath, Ipv4RangePath, Ipv6Path, Ipv6PortPath, Ipv6RangePath, NoQuery, PageQuery,
    TableCountersQuery, TableDumpQuery, TablePath,
};
pub use table::{TableCounter, TableCounterData, TableDump, TableEntry};
