//! Between what crosses the wire and what the core knows. Everything here is pure.
//!
//! Towards the core, a value is checked and *every* reason why it is not allowed is given.

mod audit;
mod entry;
mod forwarding;
mod packet;
mod request;
mod response;

pub use audit::audit_result;
pub use entry::{AddressKind, EntryProblem, unchecked_target};
pub use forwarding::{
    ForwardingProblem, InvalidForwardingRequest, add_underlay, arp_entry, drop_counter,
    ipv4_routes, ipv6_routes, port_view, put_neighbor, set_ipv4_route, set_ipv6_route, underlay,
};
pub use packet::{InvalidPacket, packet, packet_trace};
pub use request::{
    EntryReason, InvalidRequest, InvalidRequestEntry, ValueProblem, ensure, generation, group_name,
};
pub use response::{
    change, ensure_results, entry, entry_conflict, generation_info, group_rows, group_view,
    table_counter, table_entry, wire_digest, wire_slot, wire_target,
};
