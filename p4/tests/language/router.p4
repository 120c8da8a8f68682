// A whole program without macros: Ethernet and IPv4, routes, next hops, TTL, checksums, counters.
#include <core.p4>
#include <v1model.p4>

typedef bit<48> mac_t;
typedef bit<32> ipv4_t;

const bit<16> TYPE_IPV4 = 0x0800;

error { Ipv4Version, Ipv4Options }

header ethernet_t {
    mac_t destination;
    mac_t source;
    bit<16> type_code;
}

header ipv4_header_t {
    bit<4> version;
    bit<4> ihl;
    bit<8> diffserv;
    bit<16> total_length;
    bit<16> identification;
    bit<3> flags;
    bit<13> fragment_offset;
    bit<8> ttl;
    bit<8> protocol;
    bit<16> checksum;
    ipv4_t source;
    ipv4_t destination;
}

struct headers_t {
    ethernet_t ethernet;
    ipv4_header_t ipv4;
}

struct metadata_t {
    ipv4_t next_hop;
}

parser RouterParser(packet_in packet,
                    out headers_t headers,
                    inout metadata_t meta,
                    inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type_code) {
            TYPE_IPV4: ipv4;
            default: accept;
        }
    }

    state ipv4 {
        packet.extract(headers.ipv4);
        verify(headers.ipv4.version == 4, error.Ipv4Version);
        verify(headers.ipv4.ihl == 5, error.Ipv4Options);
        transition accept;
    }
}

control RouterVerify(inout headers_t headers, inout metadata_t meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(),
            { headers.ipv4.version, headers.ipv4.ihl, headers.ipv4.diffserv,
              headers.ipv4.total_length, headers.ipv4.identification, headers.ipv4.flags,
              headers.ipv4.fragment_offset, headers.ipv4.ttl, headers.ipv4.protocol,
              headers.ipv4.source, headers.ipv4.destination },
            headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control RouterIngress(inout headers_t headers,
                      inout metadata_t meta,
                      inout standard_metadata_t standard_metadata) {
    counter(2, CounterType.packets) dropped;

    action drop(bit<32> reason) {
        dropped.count(reason);
        mark_to_drop(standard_metadata);
        exit;
    }

    action to_next_hop(ipv4_t next_hop, bit<9> port) {
        meta.next_hop = next_hop;
        standard_metadata.egress_spec = port;
    }

    action connected(bit<9> port) {
        to_next_hop(headers.ipv4.destination, port);
    }

    table routes {
        key = { headers.ipv4.destination : lpm; }
        actions = { to_next_hop; connected; drop; }
        default_action = drop(1);
        size = 1024;
    }

    action set_destination(mac_t mac) { headers.ethernet.destination = mac; }

    table neighbors {
        key = { meta.next_hop : exact; }
        actions = { set_destination; @defaultonly drop; }
        const default_action = drop(1);
    }

    apply {
        if (!headers.ipv4.isValid()
                || standard_metadata.parser_error != error.NoError
                || standard_metadata.checksum_error == 1
                || headers.ipv4.ttl <= 1) {
            drop(0);
        }
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
        routes.apply();
        neighbors.apply();
    }
}

control RouterEgress(inout headers_t headers,
                     inout metadata_t meta,
                     inout standard_metadata_t standard_metadata) {
    action set_source(mac_t mac) { headers.ethernet.source = mac; }

    table ports {
        key = { standard_metadata.egress_port : exact; }
        actions = { set_source; NoAction; }
        const default_action = NoAction();
        const entries = {
            1 : set_source(0x020000000001);
            2 : set_source(0x020000000002);
        }
    }

    apply { ports.apply(); }
}

control RouterUpdate(inout headers_t headers, inout metadata_t meta) {
    apply {
        update_checksum(headers.ipv4.isValid(),
            { headers.ipv4.version, headers.ipv4.ihl, headers.ipv4.diffserv,
              headers.ipv4.total_length, headers.ipv4.identification, headers.ipv4.flags,
              headers.ipv4.fragment_offset, headers.ipv4.ttl, headers.ipv4.protocol,
              headers.ipv4.source, headers.ipv4.destination },
            headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control RouterDeparser(packet_out packet, in headers_t headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}

V1Switch(RouterParser(), RouterVerify(), RouterIngress(), RouterEgress(), RouterUpdate(),
         RouterDeparser()) main;
