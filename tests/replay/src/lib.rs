//! Replays the generations of a group on a fresh switch, packet by packet.
//!
//! What a daemon did to its tables cannot be seen any more, but it can be done again: the sets of
//! a group's kept generations are fetched ([`fetch`]), the plan from each to the next is made by the
//! same core, and performed **one write at a time**, in any order that its stages allow, on a switch
//! that really runs the P4 program ([`Switch`]). After each single write probes are sent to every
//! bound of every range of both generations ([`Probe`]). Each has to be forwarded as before or as
//! after, in every byte; lost if it had no target before or has none after, and never else; and at
//! the end exactly as the new generation says ([`replay()`]).
//!
//! The switch is one in this process ([`SoftSwitch`]), or one in a process of its own that is driven
//! over P4Runtime ([`SwitchProcess`]).
//!
//! That this finds mistakes is shown by one that can be planted ([`Planner::DeleteFirst`]).

mod history;

mod switch;

mod soft;

mod process;

mod probe;

mod planner;

mod replay;

pub use history::{HistoryFailure, Version, fetch};
pub use planner::Planner;
pub use probe::{Fate, NEXT_HOP, NEXT_HOP_MAC, Probe, Protocol, REAR, UNDERLAY, UPLINK, port_mac};
pub use process::{ProcessFailure, RemoteSwitch, SwitchProcess, nat_program, p4info};
pub use replay::{Options, Progress, ReplayFailure, Report, Violation, replay, replay_groups};
pub use soft::SoftSwitch;
pub use switch::{Switch, SwitchFailure, set_up};
