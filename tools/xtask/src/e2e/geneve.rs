//! Geneve (RFC 8926) as far as the tunnel between the switch and a sled needs it.

/// The UDP port of Geneve.
pub(crate) const PORT: u16 = 6081;

/// The length of a header without options.
const HEADER_BYTES: usize = 8;

/// The protocol type of an Ethernet frame.
const ETHERNET: [u8; 2] = [0x65, 0x58];

/// Why a datagram is no frame in a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotGeneve {
    #[error("it is shorter than its header says")]
    Short,
    #[error("its version is {0}")]
    Version(u8),
    #[error("it holds no Ethernet frame")]
    NotEthernet,
    #[error("its VNI is {0}")]
    Vni(u32),
}

/// Puts a frame in a tunnel of this network.
pub(crate) fn wrap(vni: u32, frame: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = vni.to_be_bytes();
    let [p, q] = ETHERNET;
    [&[0, 0, p, q, a, b, c, 0], frame].concat()
}

/// Takes the frame out of a datagram of the tunnel of this network.
pub(crate) fn unwrap(vni: u32, datagram: &[u8]) -> Result<&[u8], NotGeneve> {
    let (header, rest) = datagram.split_first_chunk::<HEADER_BYTES>().ok_or(NotGeneve::Short)?;
    let [first, _, p, q, a, b, c, _] = *header;
    let (version, options_bytes) = (first >> 6, usize::from(first & 0x3f) * 4);
    if version != 0 {
        return Err(NotGeneve::Version(version));
    }
    if [p, q] != ETHERNET {
        return Err(NotGeneve::NotEthernet);
    }
    let found = u32::from_be_bytes([0, a, b, c]);
    if found != vni {
        return Err(NotGeneve::Vni(found));
    }
    rest.get(options_bytes..).ok_or(NotGeneve::Short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrapped_comes_out_again() {
        assert_eq!(unwrap(100, &wrap(100, b"frame")), Ok(&b"frame"[..]));
    }

    #[test]
    fn options_are_skipped() {
        let mut datagram = wrap(100, b"\x01\x29\0\0frame");
        datagram[0] = 1;
        assert_eq!(unwrap(100, &datagram), Ok(&b"frame"[..]));
    }

    #[test]
    fn what_is_not_of_the_tunnel_is_refused() {
        let good = wrap(100, b"frame");
        assert_eq!(unwrap(100, &good[..7]), Err(NotGeneve::Short));
        assert_eq!(unwrap(101, &good), Err(NotGeneve::Vni(100)));
        let with = |place: usize, byte: u8| {
            let mut datagram = good.clone();
            datagram[place] = byte;
            unwrap(100, &datagram).err()
        };
        assert_eq!(with(0, 0x40), Some(NotGeneve::Version(1)));
        assert_eq!(with(0, 2), Some(NotGeneve::Short));
        assert_eq!(with(3, 0), Some(NotGeneve::NotEthernet));
    }
}
