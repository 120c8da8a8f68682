// All that P4Info shows of a program.

#include <core.p4>
#include <v1model.p4>

enum bit<16> EtherType {
    ipv4 = 0x0800,
    ipv6 = 0x86dd
}

@controller_header("packet_in")
header packet_in_t {
    bit<9> ingress_port;
    bit<7> padding;
}

@controller_header("packet_out")
header packet_out_t {
    @id(5) bit<9> egress_port;
    bit<7> padding;
}

header ethernet_t {
    bit<48>   dst_addr;
    bit<48>   src_addr;
    EtherType ether_type;
}

struct headers_t {
    packet_in_t  packet_in;
    packet_out_t packet_out;
    ethernet_t   ethernet;
}

struct metadata_t { }

@brief("Drops.")
@description("Drops the packet, \"silently\".")
action drop(inout standard_metadata_t standard) {
    mark_to_drop(standard);
}

parser Parse(packet_in packet, out headers_t hdr, inout metadata_t meta,
             inout standard_metadata_t standard) {
    state start {
        packet.extract(hdr.ethernet);
        transition accept;
    }
}

control Verify(inout headers_t hdr, inout metadata_t meta) {
    apply { }
}

control Acl(inout headers_t hdr, inout standard_metadata_t standard) {
    @id(0x77) action deny() {
        mark_to_drop(standard);
    }
    action permit(@id(3) @brief("What is logged.") bit<12> cookie, EtherType type, bool loud) { }

    @name("list") @brief("The access list.")
    table rules {
        key = {
            hdr.ethernet.src_addr:   ternary @name("source") @format("MAC");
            hdr.ethernet.ether_type: optional @id(9);
            standard.ingress_port:   range;
            hdr.packet_in.isValid(): exact;
        }
        actions = {
            @tableonly permit;
            deny;
            @defaultonly NoAction;
        }
        const default_action = NoAction();
        size = 64;
    }
    apply {
        rules.apply();
    }
}

control Forward(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    @unlikely counter(512, CounterType.bytes) bytes;
    counter(2, CounterType.packets) packets;
    direct_counter(CounterType.packets_and_bytes) hits;
    register<bit<48>>(16) learned;
    register<int<8>>(4) balance;
    Acl() acl;

    action to(bit<9> port) {
        standard.egress_spec = port;
    }

    table known {
        key = { hdr.ethernet.dst_addr: exact; }
        actions = { to; }
        const entries = {
            0x020000000001: to(1);
            0x020000000002: to(2);
        }
        default_action = to(511);
    }
    @hidden table hidden {
        key = { hdr.ethernet.dst_addr: lpm; }
        actions = { to; }
    }
    table list {
        key = { hdr.ethernet.dst_addr: lpm; }
        actions = { to; NoAction; }
        counters = hits;
        entries = {
            0x020000000000 &&& 0xffffff000000: to(3);
        }
    }

    apply {
        bytes.count((bit<32>)standard.ingress_port);
        packets.count(0);
        learned.write(0, hdr.ethernet.src_addr);
        balance.write(0, -1);
        acl.apply(hdr, standard);
        if (!known.apply().hit) {
            list.apply();
            hidden.apply();
        }
    }
}

control Leave(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply { }
}

control Update(inout headers_t hdr, inout metadata_t meta) {
    apply { }
}

control Deparse(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.ethernet);
    }
}

V1Switch(Parse(), Verify(), Forward(), Leave(), Update(), Deparse()) main;
