//! The value of a mapping: where its packets go.

use std::fmt;
use std::net::Ipv6Addr;
use thiserror::Error;

/// Where the packets of a mapping are sent, Geneve-encapsulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The underlay address of the sled.
    pub internal_ip: Ipv6Addr,
    /// The destination MAC address of the inner Ethernet frame.
    pub inner_mac: MacAddr,
    /// The Geneve virtual network.
    pub vni: Vni,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} mac {} vni {}", self.internal_ip, self.inner_mac, self.vni)
    }
}

/// A 48-bit MAC address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacAddr(pub [u8; 6]);

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MacAddr([a, b, c, d, e, g]) = self;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A virtual network identifier, 24 bits (RFC 8926, section 3.4). Held as its three octets, since
/// there may be a million.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vni([u8; 3]);

impl Vni {
    /// The greatest identifier.
    pub const MAX: u32 = (1 << 24) - 1;

    /// The identifier `vni`, at most [`Vni::MAX`].
    pub fn new(vni: u32) -> Result<Self, InvalidVni> {
        match vni.to_be_bytes() {
            [0, a, b, c] => Ok(Self([a, b, c])),
            _ => Err(InvalidVni { vni }),
        }
    }

    /// Its value.
    pub fn get(self) -> u32 {
        let Vni([a, b, c]) = self;
        u32::from_be_bytes([0, a, b, c])
    }
}

impl fmt::Display for Vni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl fmt::Debug for Vni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A virtual network identifier of more than 24 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("VNI {vni} does not fit 24 bits; the greatest is {max}", max = Vni::MAX)]
pub struct InvalidVni {
    /// The value given.
    pub vni: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::least(0, true)]
    #[case::every_octet(0x01_02_03, true)]
    #[case::greatest(0xff_ff_ff, true)]
    #[case::beyond(0x1_00_00_00, false)]
    #[case::far_beyond(u32::MAX, false)]
    fn a_vni_has_24_bits(#[case] vni: u32, #[case] valid: bool) {
        assert_eq!(Vni::new(vni).map(Vni::get).ok(), valid.then_some(vni));
    }
}
