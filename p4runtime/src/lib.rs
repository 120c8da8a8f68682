//! P4Runtime, the protocol by which controllers drive P4 switches: its messages and services, P4Info
//! as text, byte strings, and what became of each update of a write.
//!
//! The messages are those of the P4Runtime specification 1.5: of P4Info all, of the rest what a
//! switch without action profiles, meters, packet replication, digests and value sets needs. They
//! are compiled from the definitions in `proto/`.
//!
//! Neither a client nor a server is here: both know more than the protocol.

mod bytes;
mod errors;
mod p4info;

pub use bytes::{InvalidBytes, canonical, value};
pub use errors::{batch_failed, update_errors};
pub use p4info::{InvalidP4Info, p4info_from_bytes, p4info_from_text, p4info_to_text};

/// The version of the specification that the messages are of.
pub const API_VERSION: &str = "1.5.0";

/// The messages of the package `google.rpc`.
pub use generated::google::rpc;
/// The messages of the package `p4.config.v1`: P4Info.
pub use generated::p4::config::v1 as config;
/// The messages and the service of the package `p4.v1`.
pub use generated::p4::v1;

/// The packages as they lie in each other, by which their messages find those of others.
#[allow(missing_docs, unreachable_pub, clippy::all)]
mod generated {
    pub mod p4 {
        pub mod v1 {
            tonic::include_proto!("p4.v1");
        }
        pub mod config {
            pub mod v1 {
                tonic::include_proto!("p4.config.v1");
            }
        }
    }
    pub mod google {
        pub mod rpc {
            tonic::include_proto!("google.rpc");
        }
    }
}

impl v1::Uint128 {
    /// The number.
    pub fn get(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

impl From<u128> for v1::Uint128 {
    fn from(number: u128) -> v1::Uint128 {
        v1::Uint128 { high: (number >> 64) as u64, low: number as u64 }
    }
}
