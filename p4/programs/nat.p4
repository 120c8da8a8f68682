// The forwarding program of a rack switch.
//
// Uplink ports face the outside, rear ports face the sleds. Three things happen to packets:
//
//   * NAT ingress. What comes in by an uplink for an external address and port is wrapped in
//     Geneve over IPv6 and sent to the sled that has this address and port.
//   * NAT egress. What a sled sends in Geneve to the switch's own underlay address is unwrapped.
//   * Routing. The packet that results, wrapped, unwrapped or as it came, is routed.
//
// Everything else is dropped, and each drop is counted by its reason. All decisions are made in the
// ingress control; the egress control only counts what leaves.
//
// v1model declares control types called Ingress and Egress, so the controls here have other names.
// Tables, actions and counters carry the names by which the control plane knows them in @name.

#include <core.p4>
#include <v1model.p4>

// ---------------------------------------------------------------------------------------------
// Constants
// ---------------------------------------------------------------------------------------------

const bit<16> ETHERTYPE_IPV4 = 0x0800;
const bit<16> ETHERTYPE_ARP = 0x0806;
const bit<16> ETHERTYPE_VLAN = 0x8100;
const bit<16> ETHERTYPE_IPV6 = 0x86dd;

const bit<8> PROTOCOL_ICMP = 1;
const bit<8> PROTOCOL_TCP = 6;
const bit<8> PROTOCOL_UDP = 17;
const bit<8> PROTOCOL_IPV6_FRAGMENT = 44;
const bit<8> PROTOCOL_ICMPV6 = 58;

const bit<8> ICMP_ECHO_REPLY = 0;
const bit<8> ICMP_ECHO_REQUEST = 8;
const bit<8> ICMPV6_ECHO_REQUEST = 128;
const bit<8> ICMPV6_ECHO_REPLY = 129;

// RFC 8926: the UDP port of Geneve, and the protocol type of an Ethernet frame inside it.
const bit<16> GENEVE_PORT = 6081;
const bit<16> GENEVE_ETHERNET = 0x6558;

// The Geneve option by which a sled knows a packet that came from outside.
const bit<16> OPTION_CLASS_OXIDE = 0x0129;
const bit<8> OPTION_EXTERNAL_PACKET = 0;

// Sizes of headers in bytes.
const bit<32> ETHERNET_BYTES = 14;
const bit<32> VLAN_BYTES = 4;
const bit<32> IPV6_BYTES = 40;
const bit<32> IPV6_FRAGMENT_BYTES = 8;
const bit<32> ICMP_BYTES = 4;
const bit<32> ECHO_BYTES = 4;
const bit<32> TCP_BYTES = 20;
const bit<32> UDP_BYTES = 8;
const bit<32> GENEVE_BYTES = 8;

// What a tunnel puts between its IPv6 header and the packet inside: UDP, Geneve, one option without
// data, and the inner Ethernet header.
const bit<16> TUNNEL_BYTES = 8 + 8 + 4 + 14;

// Why a packet was dropped: the index of the counter Ingress.drops.
enum bit<8> DropReason {
    none = 0,
    port_not_configured = 1,  // the port it came by, or would leave by, is not set up
    malformed = 2,            // cut short, or its lengths contradict each other
    ipv4_checksum = 3,
    not_ip = 4,               // neither IPv4 nor IPv6 nor ARP
    arp = 5,                  // nobody in the switch answers it
    nat_miss = 6,             // from outside, and nobody here has this address and port
    fragment = 7,             // from outside, a fragment that does not say its port
    no_l4_port = 8,           // from outside, a protocol without a port that NAT knows
    geneve_malformed = 9,
    geneve_vni_zero = 10,
    for_switch = 11,          // for the switch itself, which only takes Geneve
    ttl_expired = 12,
    no_route = 13,
    no_neighbor = 14,
    no_underlay_address = 15, // to be wrapped, but the switch has no address to do it from
    inner_not_ip = 16,        // unwrapped, and neither IPv4 nor IPv6
    inner_malformed = 17,
    inner_checksum = 18,
    too_big = 19              // to be wrapped, but the result would be longer than IPv6 can say
}

error {
    Ipv4HeaderInvalid,
    Ipv6HeaderInvalid,
    GeneveOptionTooLong
}

// ---------------------------------------------------------------------------------------------
// Headers
// ---------------------------------------------------------------------------------------------

header ethernet_t {
    bit<48> dst_addr;
    bit<48> src_addr;
    bit<16> ether_type;
}

header vlan_t {
    bit<3>  code_point;
    bit<1>  drop_eligible;
    bit<12> vlan_id;
    bit<16> ether_type;
}

header arp_t {
    bit<16> hardware_type;
    bit<16> protocol_type;
    bit<8>  hardware_length;
    bit<8>  protocol_length;
    bit<16> operation;
}

header ipv4_t {
    bit<4>  version;
    bit<4>  ihl;
    bit<8>  diffserv;
    bit<16> total_len;
    bit<16> identification;
    bit<1>  reserved;
    bit<1>  dont_fragment;
    bit<1>  more_fragments;
    bit<13> fragment_offset;
    bit<8>  ttl;
    bit<8>  protocol;
    bit<16> checksum;
    bit<32> src_addr;
    bit<32> dst_addr;
}

header ipv4_options_t {
    varbit<320> options;
}

header ipv6_t {
    bit<4>   version;
    bit<8>   traffic_class;
    bit<20>  flow_label;
    bit<16>  payload_len;
    bit<8>   next_header;
    bit<8>   hop_limit;
    bit<128> src_addr;
    bit<128> dst_addr;
}

header ipv6_fragment_t {
    bit<8>  next_header;
    bit<8>  reserved;
    bit<13> fragment_offset;
    bit<2>  reserved2;
    bit<1>  more_fragments;
    bit<32> identification;
}

// What ICMP and ICMPv6 messages begin with.
header icmp_t {
    bit<8>  icmp_type;
    bit<8>  code;
    bit<16> checksum;
}

// What follows in an echo request or reply, of both.
header echo_t {
    bit<16> identifier;
    bit<16> sequence_number;
}

header tcp_t {
    bit<16> src_port;
    bit<16> dst_port;
    bit<32> sequence_number;
    bit<32> acknowledgement_number;
    bit<4>  data_offset;
    bit<4>  reserved;
    bit<8>  flags;
    bit<16> window;
    bit<16> checksum;
    bit<16> urgent_pointer;
}

header udp_t {
    bit<16> src_port;
    bit<16> dst_port;
    bit<16> len;
    bit<16> checksum;
}

header geneve_t {
    bit<2>  version;
    bit<6>  options_len; // in words of four bytes
    bit<1>  control_packet;
    bit<1>  critical;
    bit<6>  reserved;
    bit<16> protocol_type;
    bit<24> vni;
    bit<8>  reserved2;
}

// One word of the options of a packet that came in.
header geneve_word_t {
    bit<32> word;
}

header geneve_option_t {
    bit<16> option_class;
    bit<8>  option_type;
    bit<3>  reserved;
    bit<5>  len; // of the data, in words of four bytes
}

// In the order in which they are sent.
//
// The tunnel's headers are those that the switch adds. The inner headers are those found inside
// Geneve that came in; when the switch unwraps a packet, the inner Ethernet and IP headers move to
// the place of the outer ones, so that the packet to be routed is always found there.
struct headers_t {
    ethernet_t        ethernet;
    vlan_t            vlan;
    arp_t             arp;
    ipv6_t            tunnel_ipv6;
    udp_t             tunnel_udp;
    geneve_t          tunnel_geneve;
    geneve_option_t   tunnel_option;
    ethernet_t        tunnel_ethernet;
    ipv4_t            ipv4;
    ipv4_options_t    ipv4_options;
    ipv6_t            ipv6;
    ipv6_fragment_t   ipv6_fragment;
    icmp_t            icmp;
    echo_t            echo;
    tcp_t             tcp;
    udp_t             udp;
    geneve_t          geneve;
    geneve_word_t[63] geneve_options; // as many words as options_len can say
    ethernet_t        inner_ethernet;
    ipv4_t            inner_ipv4;
    ipv4_options_t    inner_ipv4_options;
    ipv6_t            inner_ipv6;
    icmp_t            inner_icmp;
    echo_t            inner_echo;
    tcp_t             inner_tcp;
    udp_t             inner_udp;
}

struct metadata_t {
    // For the parser: words of Geneve options still to come, and of the option at hand.
    bit<8>   words_left;
    bit<8>   words_in_option;

    bool     from_uplink;
    bool     to_switch;      // the packet's IPv6 destination is the switch's own address
    bit<32>  network_bytes;  // what came behind the Ethernet header, padding included
    bit<16>  l4_dst_port;    // what NAT takes for the port
    bit<128> ipv6_dst_addr;  // of the packet that is routed, if that is IPv6
    bit<32>  ipv4_next_hop;
    bit<128> ipv6_next_hop;
    bit<128> underlay_addr;  // the switch's, for tunnels that leave by the chosen port
}

// ---------------------------------------------------------------------------------------------
// Parser
// ---------------------------------------------------------------------------------------------

// The parser does not know the switch's own address, so it looks into every Geneve packet over
// IPv6, also into one that is only passing. It therefore keeps all it reads, so that such a packet
// leaves as it came, and what it finds wrong in there only counts if the packet is unwrapped.
parser SwitchParser(packet_in packet,
                    out headers_t hdr,
                    inout metadata_t meta,
                    inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.ether_type) {
            ETHERTYPE_VLAN: vlan;
            ETHERTYPE_ARP: arp;
            ETHERTYPE_IPV4: ipv4;
            ETHERTYPE_IPV6: ipv6;
            default: accept;
        }
    }

    state vlan {
        packet.extract(hdr.vlan);
        transition select(hdr.vlan.ether_type) {
            ETHERTYPE_ARP: arp;
            ETHERTYPE_IPV4: ipv4;
            ETHERTYPE_IPV6: ipv6;
            default: accept;
        }
    }

    state arp {
        packet.extract(hdr.arp);
        transition accept;
    }

    state ipv4 {
        packet.extract(hdr.ipv4);
        verify(hdr.ipv4.version == 4 && hdr.ipv4.ihl >= 5, error.Ipv4HeaderInvalid);
        transition select(hdr.ipv4.ihl) {
            5: ipv4_payload;
            default: ipv4_options;
        }
    }

    state ipv4_options {
        packet.extract(hdr.ipv4_options, ((bit<32>) hdr.ipv4.ihl - 5) * 32);
        transition ipv4_payload;
    }

    // A fragment other than the first has no L4 header. A first one must have the whole of it,
    // which costs no honest sender anything (RFC 1858, RFC 7112).
    state ipv4_payload {
        transition select(hdr.ipv4.fragment_offset, hdr.ipv4.protocol) {
            (0, PROTOCOL_ICMP): icmp;
            (0, PROTOCOL_TCP): tcp;
            (0, PROTOCOL_UDP): udp;
            default: accept;
        }
    }

    state ipv6 {
        packet.extract(hdr.ipv6);
        verify(hdr.ipv6.version == 6, error.Ipv6HeaderInvalid);
        transition select(hdr.ipv6.next_header) {
            PROTOCOL_ICMPV6: icmpv6;
            PROTOCOL_TCP: tcp;
            PROTOCOL_UDP: udp_over_ipv6;
            PROTOCOL_IPV6_FRAGMENT: ipv6_fragment;
            default: accept;
        }
    }

    state ipv6_fragment {
        packet.extract(hdr.ipv6_fragment);
        transition select(hdr.ipv6_fragment.fragment_offset, hdr.ipv6_fragment.next_header) {
            (0, PROTOCOL_ICMPV6): icmpv6;
            (0, PROTOCOL_TCP): tcp;
            (0, PROTOCOL_UDP): udp;
            default: accept;
        }
    }

    state icmp {
        packet.extract(hdr.icmp);
        transition select(hdr.icmp.icmp_type) {
            ICMP_ECHO_REPLY: echo;
            ICMP_ECHO_REQUEST: echo;
            default: accept;
        }
    }

    state icmpv6 {
        packet.extract(hdr.icmp);
        transition select(hdr.icmp.icmp_type) {
            ICMPV6_ECHO_REQUEST: echo;
            ICMPV6_ECHO_REPLY: echo;
            default: accept;
        }
    }

    state echo {
        packet.extract(hdr.echo);
        transition accept;
    }

    state tcp {
        packet.extract(hdr.tcp);
        transition accept;
    }

    // Over IPv4, or in a fragment: never a tunnel of ours, so that nothing in it is of interest.
    state udp {
        packet.extract(hdr.udp);
        transition accept;
    }

    state udp_over_ipv6 {
        packet.extract(hdr.udp);
        transition select(hdr.udp.dst_port) {
            GENEVE_PORT: geneve;
            default: accept;
        }
    }

    state geneve {
        packet.extract(hdr.geneve);
        meta.words_left = (bit<8>) hdr.geneve.options_len;
        transition select(hdr.geneve.version, hdr.geneve.protocol_type) {
            (0, GENEVE_ETHERNET): geneve_options;
            default: accept;
        }
    }

    state geneve_options {
        transition select(meta.words_left) {
            0: inner_ethernet;
            default: geneve_option;
        }
    }

    // An option is a word, whose last five bits say how many words of data follow.
    state geneve_option {
        bit<32> first_word = packet.lookahead<bit<32>>();
        meta.words_in_option = (bit<8>) first_word[4:0] + 1;
        verify(meta.words_in_option <= meta.words_left, error.GeneveOptionTooLong);
        meta.words_left = meta.words_left - meta.words_in_option;
        transition geneve_option_word;
    }

    state geneve_option_word {
        packet.extract(hdr.geneve_options.next);
        meta.words_in_option = meta.words_in_option - 1;
        transition select(meta.words_in_option) {
            0: geneve_options;
            default: geneve_option_word;
        }
    }

    state inner_ethernet {
        packet.extract(hdr.inner_ethernet);
        transition select(hdr.inner_ethernet.ether_type) {
            ETHERTYPE_IPV4: inner_ipv4;
            ETHERTYPE_IPV6: inner_ipv6;
            default: accept;
        }
    }

    state inner_ipv4 {
        packet.extract(hdr.inner_ipv4);
        verify(hdr.inner_ipv4.version == 4 && hdr.inner_ipv4.ihl >= 5, error.Ipv4HeaderInvalid);
        transition select(hdr.inner_ipv4.ihl) {
            5: inner_ipv4_payload;
            default: inner_ipv4_options;
        }
    }

    state inner_ipv4_options {
        packet.extract(hdr.inner_ipv4_options, ((bit<32>) hdr.inner_ipv4.ihl - 5) * 32);
        transition inner_ipv4_payload;
    }

    state inner_ipv4_payload {
        transition select(hdr.inner_ipv4.fragment_offset, hdr.inner_ipv4.protocol) {
            (0, PROTOCOL_ICMP): inner_icmp;
            (0, PROTOCOL_TCP): inner_tcp;
            (0, PROTOCOL_UDP): inner_udp;
            default: accept;
        }
    }

    state inner_ipv6 {
        packet.extract(hdr.inner_ipv6);
        verify(hdr.inner_ipv6.version == 6, error.Ipv6HeaderInvalid);
        transition select(hdr.inner_ipv6.next_header) {
            PROTOCOL_ICMPV6: inner_icmpv6;
            PROTOCOL_TCP: inner_tcp;
            PROTOCOL_UDP: inner_udp;
            default: accept;
        }
    }

    state inner_icmp {
        packet.extract(hdr.inner_icmp);
        transition select(hdr.inner_icmp.icmp_type) {
            ICMP_ECHO_REPLY: inner_echo;
            ICMP_ECHO_REQUEST: inner_echo;
            default: accept;
        }
    }

    state inner_icmpv6 {
        packet.extract(hdr.inner_icmp);
        transition select(hdr.inner_icmp.icmp_type) {
            ICMPV6_ECHO_REQUEST: inner_echo;
            ICMPV6_ECHO_REPLY: inner_echo;
            default: accept;
        }
    }

    state inner_echo {
        packet.extract(hdr.inner_echo);
        transition accept;
    }

    state inner_tcp {
        packet.extract(hdr.inner_tcp);
        transition accept;
    }

    state inner_udp {
        packet.extract(hdr.inner_udp);
        transition accept;
    }
}

// ---------------------------------------------------------------------------------------------
// Checksums
// ---------------------------------------------------------------------------------------------

// One bit tells ingress that some checksum was wrong. It can tell which: Geneve is only looked into
// over IPv6, so that a packet never has an outer and an inner IPv4 header both.
control SwitchVerifyChecksum(inout headers_t hdr, inout metadata_t meta) {
    apply {
        verify_checksum(
            hdr.ipv4.isValid() && hdr.ipv4.ihl == 5,
            { hdr.ipv4.version, hdr.ipv4.ihl, hdr.ipv4.diffserv, hdr.ipv4.total_len,
              hdr.ipv4.identification, hdr.ipv4.reserved, hdr.ipv4.dont_fragment,
              hdr.ipv4.more_fragments, hdr.ipv4.fragment_offset, hdr.ipv4.ttl,
              hdr.ipv4.protocol, hdr.ipv4.src_addr, hdr.ipv4.dst_addr },
            hdr.ipv4.checksum, HashAlgorithm.csum16);
        verify_checksum(
            hdr.ipv4.isValid() && hdr.ipv4_options.isValid(),
            { hdr.ipv4.version, hdr.ipv4.ihl, hdr.ipv4.diffserv, hdr.ipv4.total_len,
              hdr.ipv4.identification, hdr.ipv4.reserved, hdr.ipv4.dont_fragment,
              hdr.ipv4.more_fragments, hdr.ipv4.fragment_offset, hdr.ipv4.ttl,
              hdr.ipv4.protocol, hdr.ipv4.src_addr, hdr.ipv4.dst_addr,
              hdr.ipv4_options.options },
            hdr.ipv4.checksum, HashAlgorithm.csum16);
        verify_checksum(
            hdr.inner_ipv4.isValid() && hdr.inner_ipv4.ihl == 5,
            { hdr.inner_ipv4.version, hdr.inner_ipv4.ihl, hdr.inner_ipv4.diffserv,
              hdr.inner_ipv4.total_len, hdr.inner_ipv4.identification, hdr.inner_ipv4.reserved,
              hdr.inner_ipv4.dont_fragment, hdr.inner_ipv4.more_fragments,
              hdr.inner_ipv4.fragment_offset, hdr.inner_ipv4.ttl, hdr.inner_ipv4.protocol,
              hdr.inner_ipv4.src_addr, hdr.inner_ipv4.dst_addr },
            hdr.inner_ipv4.checksum, HashAlgorithm.csum16);
        verify_checksum(
            hdr.inner_ipv4.isValid() && hdr.inner_ipv4_options.isValid(),
            { hdr.inner_ipv4.version, hdr.inner_ipv4.ihl, hdr.inner_ipv4.diffserv,
              hdr.inner_ipv4.total_len, hdr.inner_ipv4.identification, hdr.inner_ipv4.reserved,
              hdr.inner_ipv4.dont_fragment, hdr.inner_ipv4.more_fragments,
              hdr.inner_ipv4.fragment_offset, hdr.inner_ipv4.ttl, hdr.inner_ipv4.protocol,
              hdr.inner_ipv4.src_addr, hdr.inner_ipv4.dst_addr,
              hdr.inner_ipv4_options.options },
            hdr.inner_ipv4.checksum, HashAlgorithm.csum16);
    }
}

// The routed IPv4 packet has a new TTL. Its old checksum was right, or it would not be here, so
// that a new one hides nothing. One that was wrapped is as it came and keeps its checksum.
control SwitchComputeChecksum(inout headers_t hdr, inout metadata_t meta) {
    apply {
        update_checksum(
            hdr.ipv4.isValid() && !hdr.tunnel_ipv6.isValid() && hdr.ipv4.ihl == 5,
            { hdr.ipv4.version, hdr.ipv4.ihl, hdr.ipv4.diffserv, hdr.ipv4.total_len,
              hdr.ipv4.identification, hdr.ipv4.reserved, hdr.ipv4.dont_fragment,
              hdr.ipv4.more_fragments, hdr.ipv4.fragment_offset, hdr.ipv4.ttl,
              hdr.ipv4.protocol, hdr.ipv4.src_addr, hdr.ipv4.dst_addr },
            hdr.ipv4.checksum, HashAlgorithm.csum16);
        update_checksum(
            hdr.ipv4.isValid() && !hdr.tunnel_ipv6.isValid() && hdr.ipv4_options.isValid(),
            { hdr.ipv4.version, hdr.ipv4.ihl, hdr.ipv4.diffserv, hdr.ipv4.total_len,
              hdr.ipv4.identification, hdr.ipv4.reserved, hdr.ipv4.dont_fragment,
              hdr.ipv4.more_fragments, hdr.ipv4.fragment_offset, hdr.ipv4.ttl,
              hdr.ipv4.protocol, hdr.ipv4.src_addr, hdr.ipv4.dst_addr,
              hdr.ipv4_options.options },
            hdr.ipv4.checksum, HashAlgorithm.csum16);
        // The options of an unwrapped packet have stayed where they were parsed.
        update_checksum(
            hdr.ipv4.isValid() && !hdr.tunnel_ipv6.isValid() && hdr.inner_ipv4_options.isValid(),
            { hdr.ipv4.version, hdr.ipv4.ihl, hdr.ipv4.diffserv, hdr.ipv4.total_len,
              hdr.ipv4.identification, hdr.ipv4.reserved, hdr.ipv4.dont_fragment,
              hdr.ipv4.more_fragments, hdr.ipv4.fragment_offset, hdr.ipv4.ttl,
              hdr.ipv4.protocol, hdr.ipv4.src_addr, hdr.ipv4.dst_addr,
              hdr.inner_ipv4_options.options },
            hdr.ipv4.checksum, HashAlgorithm.csum16);
    }
}

// ---------------------------------------------------------------------------------------------
// Ingress
// ---------------------------------------------------------------------------------------------

control SwitchIngress(inout headers_t hdr,
                      inout metadata_t meta,
                      inout standard_metadata_t standard_metadata) {

    // -- Drops ----------------------------------------------------------------------------------

    @name(".Ingress.drops")
    counter(64, CounterType.packets_and_bytes) drops;

    // The one way in which a packet is dropped. Nothing else happens to it afterwards.
    @name(".Ingress.drop_because")
    action drop_because(DropReason reason) {
        drops.count((bit<32>) (bit<8>) reason);
        mark_to_drop(standard_metadata);
        exit;
    }

    // -- Ports ----------------------------------------------------------------------------------

    @name(".Ingress.ports.received")
    counter(512, CounterType.packets_and_bytes) received;

    @name(".Ingress.ports.uplink")
    action uplink() {
        meta.from_uplink = true;
    }

    @name(".Ingress.ports.rear")
    action rear() {
        meta.from_uplink = false;
    }

    @name(".Ingress.ports.role")
    table role {
        key = {
            standard_metadata.ingress_port: exact @name("port");
        }
        actions = {
            uplink;
            rear;
            @defaultonly drop_because;
        }
        const default_action = drop_because(DropReason.port_not_configured);
        size = 512;
    }

    @name(".Ingress.ports.send_from")
    action send_from(bit<48> mac, bit<128> underlay) {
        hdr.ethernet.src_addr = mac;
        meta.underlay_addr = underlay;
    }

    @name(".Ingress.ports.interface")
    table interface {
        key = {
            standard_metadata.egress_spec: exact @name("port");
        }
        actions = {
            send_from;
            @defaultonly drop_because;
        }
        const default_action = drop_because(DropReason.port_not_configured);
        size = 512;
    }

    // -- NAT ingress ----------------------------------------------------------------------------

    @name(".Ingress.nat_ingress.ingress_ipv4_counter")
    direct_counter(CounterType.packets_and_bytes) ingress_ipv4_counter;

    @name(".Ingress.nat_ingress.ingress_ipv6_counter")
    direct_counter(CounterType.packets_and_bytes) ingress_ipv6_counter;

    // Puts the packet, as it came but for its VLAN tag and its Ethernet destination, into a tunnel.
    //
    // A short frame is padded behind the IP packet, and v1model cannot take that off. The lengths
    // of the tunnel therefore count every byte that is sent, not only those of the IP packet:
    // padding stays within the inner Ethernet frame, where padding belongs.
    //
    // The UDP checksum is zero, as RFC 6935 permits for tunnels: it would have to cover the whole
    // payload, which has checksums of its own. The source address is that of the port by which the
    // packet leaves, which is only known when it has been routed.
    action encapsulate(in bit<128> target, in bit<48> inner_mac, in bit<24> vni) {
        hdr.tunnel_ethernet = hdr.ethernet;
        hdr.tunnel_ethernet.dst_addr = inner_mac;
        hdr.ethernet.ether_type = ETHERTYPE_IPV6;

        hdr.tunnel_ipv6.setValid();
        hdr.tunnel_ipv6.version = 6;
        hdr.tunnel_ipv6.traffic_class = 0;
        hdr.tunnel_ipv6.flow_label = 0;
        hdr.tunnel_ipv6.payload_len = (bit<16>) meta.network_bytes + TUNNEL_BYTES;
        hdr.tunnel_ipv6.next_header = PROTOCOL_UDP;
        hdr.tunnel_ipv6.hop_limit = 255;
        hdr.tunnel_ipv6.src_addr = 0;
        hdr.tunnel_ipv6.dst_addr = target;

        hdr.tunnel_udp.setValid();
        hdr.tunnel_udp.src_port = GENEVE_PORT;
        hdr.tunnel_udp.dst_port = GENEVE_PORT;
        hdr.tunnel_udp.len = (bit<16>) meta.network_bytes + TUNNEL_BYTES;
        hdr.tunnel_udp.checksum = 0;

        hdr.tunnel_geneve.setValid();
        hdr.tunnel_geneve.version = 0;
        hdr.tunnel_geneve.options_len = 1;
        hdr.tunnel_geneve.control_packet = 0;
        hdr.tunnel_geneve.critical = 0;
        hdr.tunnel_geneve.reserved = 0;
        hdr.tunnel_geneve.protocol_type = GENEVE_ETHERNET;
        hdr.tunnel_geneve.vni = vni;
        hdr.tunnel_geneve.reserved2 = 0;

        hdr.tunnel_option.setValid();
        hdr.tunnel_option.option_class = OPTION_CLASS_OXIDE;
        hdr.tunnel_option.option_type = OPTION_EXTERNAL_PACKET;
        hdr.tunnel_option.reserved = 0;
        hdr.tunnel_option.len = 0;
    }

    @name(".Ingress.nat_ingress.forward_ipv4_to")
    action forward_ipv4_to(bit<128> target, bit<48> inner_mac, bit<24> vni) {
        encapsulate(target, inner_mac, vni);
    }

    @name(".Ingress.nat_ingress.forward_ipv6_to")
    action forward_ipv6_to(bit<128> target, bit<48> inner_mac, bit<24> vni) {
        encapsulate(target, inner_mac, vni);
    }

    @name(".Ingress.nat_ingress.ingress_ipv4")
    table ingress_ipv4 {
        key = {
            hdr.ipv4.dst_addr: exact @name("dst_addr");
            meta.l4_dst_port: range @name("l4_dst_port");
        }
        actions = {
            forward_ipv4_to;
            @defaultonly NoAction;
        }
        const default_action = NoAction();
        size = 1024;
        counters = ingress_ipv4_counter;
    }

    @name(".Ingress.nat_ingress.ingress_ipv6")
    table ingress_ipv6 {
        key = {
            hdr.ipv6.dst_addr: exact @name("dst_addr");
            meta.l4_dst_port: range @name("l4_dst_port");
        }
        actions = {
            forward_ipv6_to;
            @defaultonly NoAction;
        }
        const default_action = NoAction();
        size = 1024;
        counters = ingress_ipv6_counter;
    }

    // -- NAT egress -----------------------------------------------------------------------------

    @name(".Ingress.nat_egress.own_address")
    action own_address() {
        meta.to_switch = true;
    }

    @name(".Ingress.nat_egress.underlay")
    table underlay {
        key = {
            hdr.ipv6.dst_addr: exact @name("dst_addr");
        }
        actions = {
            own_address;
            @defaultonly NoAction;
        }
        const default_action = NoAction();
        size = 64;
    }

    // Takes the tunnel off. Bytes behind the end of the outer packet, if there are any, are padding
    // again: they end up behind the inner packet, whose own length does not count them.
    action decapsulate() {
        hdr.ethernet = hdr.inner_ethernet;
        hdr.ipv4 = hdr.inner_ipv4;
        hdr.ipv6 = hdr.inner_ipv6;
        hdr.udp.setInvalid();
        hdr.geneve.setInvalid();
        hdr.geneve_options.pop_front(63);
        hdr.inner_ethernet.setInvalid();
        hdr.inner_ipv4.setInvalid();
        hdr.inner_ipv6.setInvalid();
    }

    // -- Routing --------------------------------------------------------------------------------

    @name(".Ingress.router.forward_ipv4")
    action forward_ipv4(bit<9> port, bit<32> next_hop) {
        standard_metadata.egress_spec = port;
        meta.ipv4_next_hop = next_hop;
    }

    @name(".Ingress.router.route_ipv4")
    table route_ipv4 {
        key = {
            hdr.ipv4.dst_addr: lpm @name("dst_addr");
        }
        actions = {
            forward_ipv4;
            @defaultonly drop_because;
        }
        const default_action = drop_because(DropReason.no_route);
        size = 4096;
    }

    @name(".Ingress.router.forward_ipv6")
    action forward_ipv6(bit<9> port, bit<128> next_hop) {
        standard_metadata.egress_spec = port;
        meta.ipv6_next_hop = next_hop;
    }

    @name(".Ingress.router.route_ipv6")
    table route_ipv6 {
        key = {
            meta.ipv6_dst_addr: lpm @name("dst_addr");
        }
        actions = {
            forward_ipv6;
            @defaultonly drop_because;
        }
        const default_action = drop_because(DropReason.no_route);
        size = 4096;
    }

    @name(".Ingress.router.rewrite_ipv4")
    action rewrite_ipv4(bit<48> mac) {
        hdr.ethernet.dst_addr = mac;
    }

    @name(".Ingress.router.neighbor_ipv4")
    table neighbor_ipv4 {
        key = {
            meta.ipv4_next_hop: exact @name("next_hop");
        }
        actions = {
            rewrite_ipv4;
            @defaultonly drop_because;
        }
        const default_action = drop_because(DropReason.no_neighbor);
        size = 1024;
    }

    @name(".Ingress.router.rewrite_ipv6")
    action rewrite_ipv6(bit<48> mac) {
        hdr.ethernet.dst_addr = mac;
    }

    @name(".Ingress.router.neighbor_ipv6")
    table neighbor_ipv6 {
        key = {
            meta.ipv6_next_hop: exact @name("next_hop");
        }
        actions = {
            rewrite_ipv6;
            @defaultonly drop_because;
        }
        const default_action = drop_because(DropReason.no_neighbor);
        size = 1024;
    }

    apply {
        received.count((bit<32>) standard_metadata.ingress_port);
        role.apply();

        // What is wrong inside a tunnel only matters to whoever takes the tunnel off. The parser
        // does not go on from a UDP header but into Geneve.
        if (standard_metadata.parser_error != error.NoError && !hdr.udp.isValid()) {
            drop_because(DropReason.malformed);
        }
        if (hdr.arp.isValid()) {
            drop_because(DropReason.arp);
        }
        if (!hdr.ipv4.isValid() && !hdr.ipv6.isValid()) {
            drop_because(DropReason.not_ip);
        }

        // The switch's interfaces know no VLANs: a tag has no meaning behind this point.
        meta.network_bytes = standard_metadata.packet_length - ETHERNET_BYTES;
        if (hdr.vlan.isValid()) {
            meta.network_bytes = meta.network_bytes - VLAN_BYTES;
            hdr.ethernet.ether_type = hdr.vlan.ether_type;
            hdr.vlan.setInvalid();
        }

        // The frame must hold the whole IP packet, and the IP packet all headers that were parsed
        // as its own: the bytes of a padded frame must not be taken for ports.
        bit<32> l4_bytes = 0;
        if (hdr.tcp.isValid()) {
            l4_bytes = TCP_BYTES;
        } else if (hdr.udp.isValid()) {
            l4_bytes = UDP_BYTES;
        } else if (hdr.echo.isValid()) {
            l4_bytes = ICMP_BYTES + ECHO_BYTES;
        } else if (hdr.icmp.isValid()) {
            l4_bytes = ICMP_BYTES;
        }
        bit<32> ip_bytes;
        bit<32> ip_header_bytes;
        bool is_fragment;
        if (hdr.ipv4.isValid()) {
            ip_bytes = (bit<32>) hdr.ipv4.total_len;
            ip_header_bytes = (bit<32>) hdr.ipv4.ihl << 2;
            is_fragment = hdr.ipv4.more_fragments == 1 || hdr.ipv4.fragment_offset != 0;
        } else {
            ip_bytes = IPV6_BYTES + (bit<32>) hdr.ipv6.payload_len;
            ip_header_bytes = IPV6_BYTES;
            is_fragment = hdr.ipv6_fragment.isValid();
            if (is_fragment) {
                ip_header_bytes = IPV6_BYTES + IPV6_FRAGMENT_BYTES;
            }
        }
        if (ip_bytes > meta.network_bytes || ip_bytes < ip_header_bytes + l4_bytes) {
            drop_because(DropReason.malformed);
        }
        if (hdr.ipv4.isValid() && standard_metadata.checksum_error == 1) {
            drop_because(DropReason.ipv4_checksum);
        }

        if (hdr.ipv6.isValid()) {
            underlay.apply();
        }

        if (meta.to_switch) {
            // NAT egress. All options are skipped, whatever they ask for.
            if (!hdr.udp.isValid() || hdr.udp.dst_port != GENEVE_PORT || is_fragment) {
                drop_because(DropReason.for_switch);
            }
            // The parser only gets to an inner frame through Geneve that it could make sense of.
            if (!hdr.inner_ethernet.isValid()) {
                drop_because(DropReason.geneve_malformed);
            }
            // RFC 8926, section 3.4: a control packet is for whoever ends the tunnel and must not
            // be sent on.
            if (hdr.geneve.control_packet == 1) {
                drop_because(DropReason.for_switch);
            }
            bit<32> tunnel_bytes = UDP_BYTES + GENEVE_BYTES
                + ((bit<32>) hdr.geneve.options_len << 2) + ETHERNET_BYTES;
            if ((bit<32>) hdr.udp.len > (bit<32>) hdr.ipv6.payload_len
                    || (bit<32>) hdr.udp.len < tunnel_bytes) {
                drop_because(DropReason.geneve_malformed);
            }
            if (hdr.geneve.vni == 0) {
                drop_because(DropReason.geneve_vni_zero);
            }
            if (standard_metadata.parser_error != error.NoError) {
                drop_because(DropReason.inner_malformed);
            }

            // The packet inside is held to the same as one that came by itself.
            bit<32> inner_l4_bytes = 0;
            if (hdr.inner_tcp.isValid()) {
                inner_l4_bytes = TCP_BYTES;
            } else if (hdr.inner_udp.isValid()) {
                inner_l4_bytes = UDP_BYTES;
            } else if (hdr.inner_echo.isValid()) {
                inner_l4_bytes = ICMP_BYTES + ECHO_BYTES;
            } else if (hdr.inner_icmp.isValid()) {
                inner_l4_bytes = ICMP_BYTES;
            }
            bit<32> inner_bytes = 0;
            bit<32> inner_header_bytes = 0;
            if (hdr.inner_ipv4.isValid()) {
                inner_bytes = (bit<32>) hdr.inner_ipv4.total_len;
                inner_header_bytes = (bit<32>) hdr.inner_ipv4.ihl << 2;
            } else if (hdr.inner_ipv6.isValid()) {
                inner_bytes = IPV6_BYTES + (bit<32>) hdr.inner_ipv6.payload_len;
                inner_header_bytes = IPV6_BYTES;
            } else {
                drop_because(DropReason.inner_not_ip);
            }
            if (inner_bytes > (bit<32>) hdr.udp.len - tunnel_bytes
                    || inner_bytes < inner_header_bytes + inner_l4_bytes) {
                drop_because(DropReason.inner_malformed);
            }
            if (standard_metadata.checksum_error == 1) {
                drop_because(DropReason.inner_checksum);
            }
            decapsulate();
        } else if (meta.from_uplink) {
            // NAT ingress: an uplink leads to nothing but what NAT knows. Geneve from outside is
            // not let in; only the switch wraps packets for sleds.
            if (hdr.tcp.isValid()) {
                meta.l4_dst_port = hdr.tcp.dst_port;
            } else if (hdr.udp.isValid()) {
                if (hdr.udp.dst_port == GENEVE_PORT) {
                    drop_because(DropReason.nat_miss);
                }
                meta.l4_dst_port = hdr.udp.dst_port;
            } else if (hdr.echo.isValid()) {
                meta.l4_dst_port = hdr.echo.identifier;
            } else if (is_fragment) {
                drop_because(DropReason.fragment);
            } else {
                drop_because(DropReason.no_l4_port);
            }
            if (hdr.ipv4.isValid()) {
                if (!ingress_ipv4.apply().hit) {
                    drop_because(DropReason.nat_miss);
                }
            } else {
                if (!ingress_ipv6.apply().hit) {
                    drop_because(DropReason.nat_miss);
                }
            }
            if (meta.network_bytes > 65535 - (bit<32>) TUNNEL_BYTES) {
                drop_because(DropReason.too_big);
            }
        }

        // The router counts down the TTL of a packet that it sends on. To a wrapped packet the way
        // to the sled is one link: its TTL stays, and the tunnel starts with a hop limit of its
        // own. A next hop of zero says that the destination is on the link itself.
        if (hdr.ipv4.isValid() && !hdr.tunnel_ipv6.isValid()) {
            if (hdr.ipv4.ttl <= 1) {
                drop_because(DropReason.ttl_expired);
            }
            hdr.ipv4.ttl = hdr.ipv4.ttl - 1;
            route_ipv4.apply();
            if (meta.ipv4_next_hop == 0) {
                meta.ipv4_next_hop = hdr.ipv4.dst_addr;
            }
            neighbor_ipv4.apply();
        } else {
            if (hdr.tunnel_ipv6.isValid()) {
                meta.ipv6_dst_addr = hdr.tunnel_ipv6.dst_addr;
            } else {
                if (hdr.ipv6.hop_limit <= 1) {
                    drop_because(DropReason.ttl_expired);
                }
                hdr.ipv6.hop_limit = hdr.ipv6.hop_limit - 1;
                meta.ipv6_dst_addr = hdr.ipv6.dst_addr;
            }
            route_ipv6.apply();
            if (meta.ipv6_next_hop == 0) {
                meta.ipv6_next_hop = meta.ipv6_dst_addr;
            }
            neighbor_ipv6.apply();
        }

        interface.apply();
        if (hdr.tunnel_ipv6.isValid()) {
            if (meta.underlay_addr == 0) {
                drop_because(DropReason.no_underlay_address);
            }
            hdr.tunnel_ipv6.src_addr = meta.underlay_addr;
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Egress
// ---------------------------------------------------------------------------------------------

control SwitchEgress(inout headers_t hdr,
                     inout metadata_t meta,
                     inout standard_metadata_t standard_metadata) {
    @name(".Egress.ports.sent")
    counter(512, CounterType.packets_and_bytes) sent;

    apply {
        sent.count((bit<32>) standard_metadata.egress_port);
    }
}

// ---------------------------------------------------------------------------------------------
// Deparser
// ---------------------------------------------------------------------------------------------

control SwitchDeparser(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr);
    }
}

V1Switch(SwitchParser(),
         SwitchVerifyChecksum(),
         SwitchIngress(),
         SwitchEgress(),
         SwitchComputeChecksum(),
         SwitchDeparser()) main;
