//! Packets as people speak of them: made from an address and a port, and told in a line.

mod frame;
mod summary;

pub(crate) use frame::{Protocol, frame};
pub(crate) use summary::summary;

/// The bytes of hexadecimal digits; none if they are no pairs of digits.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |character: char| u8::try_from(character.to_digit(16)?).ok();
    let digits: Vec<u8> = text.chars().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| (high << 4) | low).collect())
}

/// Bytes as hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn digits_are_bytes_and_bytes_are_digits() {
        assert_eq!(from_hex("00a8FF"), Some(vec![0, 0xa8, 0xff]));
        assert_eq!(to_hex(&[0, 0xa8, 0xff]), "00a8ff");
        assert_eq!(from_hex(""), Some(vec![]));
    }

    #[rstest]
    #[case("0")]
    #[case("0g")]
    #[case("+1")]
    #[case("ä")]
    fn anything_else_is_no_packet(#[case] text: &str) {
        assert_eq!(from_hex(text), None);
    }

    #[rstest]
    #[case("203.0.113.7", Protocol::Udp, "UDP 192.0.2.99 port 51515 to 203.0.113.7 port 443")]
    #[case("203.0.113.7", Protocol::Tcp, "TCP 192.0.2.99 port 51515 to 203.0.113.7 port 443")]
    #[case("203.0.113.7", Protocol::Icmp, "ICMP 192.0.2.99 to 203.0.113.7")]
    #[case(
        "2001:db8::1",
        Protocol::Udp,
        "UDP 2001:db8:ffff::99 port 51515 to 2001:db8::1 port 443"
    )]
    #[case("2001:db8::1", Protocol::Icmp, "ICMPv6 2001:db8:ffff::99 to 2001:db8::1")]
    fn a_packet_that_was_made_is_told_as_what_it_is(
        #[case] to: &str,
        #[case] protocol: Protocol,
        #[case] told: &str,
    ) {
        assert_eq!(summary(&frame(to.parse().unwrap(), 443, protocol)), told);
    }

    #[test]
    fn a_tunnel_is_told_with_what_is_inside() {
        let inside = frame("203.0.113.7".parse().unwrap(), 443, Protocol::Udp);
        let mut tunnel = Vec::new();
        // Geneve with one option of a word, VNI 100.
        let mut geneve = vec![1, 0, 0x65, 0x58, 0, 0, 100, 0, 0x01, 0x29, 0, 0];
        geneve.extend(&inside);
        let builder = etherparse::PacketBuilder::ethernet2([2; 6], [4; 6]);
        let builder = builder.ipv6([0xfd; 16], [0xfc; 16], 255).udp(6081, 6081);
        builder.write(&mut tunnel, &geneve).unwrap();
        assert_eq!(
            summary(&tunnel),
            "Geneve to fcfc:fcfc:fcfc:fcfc:fcfc:fcfc:fcfc:fcfc, VNI 100, inner MAC \
             02:00:00:00:00:01: UDP 192.0.2.99 port 51515 to 203.0.113.7 port 443"
        );
    }

    #[test]
    fn what_is_no_packet_is_told_by_its_length() {
        assert_eq!(summary(&[]), "0 bytes");
        assert_eq!(summary(&[0; 20]), "20 bytes of Ethernet type 0x0000");
    }
}
