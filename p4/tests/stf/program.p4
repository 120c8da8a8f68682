// A switch by one byte, with tables of all kinds, for the tests of p4-stf.

#include <core.p4>
#include <v1model.p4>

header key_t {
    bit<8>  kind;
    bit<8>  a;
    bit<16> b;
}

header extra_t {
    bit<8> value;
}

struct headers_t {
    key_t   key;
    extra_t extra;
}

struct metadata_t { }

parser Parse(packet_in packet, out headers_t hdr, inout metadata_t meta,
             inout standard_metadata_t standard) {
    state start {
        packet.extract(hdr.key);
        transition select(hdr.key.kind) {
            9: extra;
            default: accept;
        }
    }
    state extra {
        packet.extract(hdr.extra);
        transition accept;
    }
}

control Verify(inout headers_t hdr, inout metadata_t meta) {
    apply { }
}

control Forward(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    counter(4, CounterType.packets_and_bytes) seen;
    direct_counter(CounterType.packets_and_bytes) hits;

    action drop() {
        mark_to_drop(standard);
    }
    action to(bit<9> port) {
        standard.egress_spec = port;
    }
    action mark(bit<9> port, bit<16> b) {
        standard.egress_spec = port;
        hdr.key.b = b;
    }

    table exact_a {
        key = { hdr.key.a: exact; }
        actions = { to; mark; drop; }
        default_action = drop();
        counters = hits;
        size = 2;
    }
    table lpm_b {
        key = { hdr.key.b: lpm; }
        actions = { to; drop; }
        default_action = drop();
    }
    table ternary_a {
        key = { hdr.key.a: ternary; hdr.extra.isValid(): ternary; }
        actions = { to; drop; }
        default_action = drop();
    }
    table range_b {
        key = { hdr.key.a: exact; hdr.key.b: range @name("port"); }
        actions = { to; drop; }
        default_action = drop();
    }
    table optional_a {
        key = { hdr.key.a: optional; }
        actions = { to; drop; }
        default_action = drop();
    }
    table optional_b {
        key = { hdr.key.b: optional; }
        actions = { to; drop; }
        default_action = drop();
    }

    apply {
        seen.count((bit<32>)standard.ingress_port);
        if (hdr.key.kind == 1) {
            exact_a.apply();
        } else if (hdr.key.kind == 2) {
            lpm_b.apply();
        } else if (hdr.key.kind == 3 || hdr.key.kind == 9) {
            ternary_a.apply();
        } else if (hdr.key.kind == 4) {
            range_b.apply();
        } else if (hdr.key.kind == 5) {
            optional_a.apply();
        } else if (hdr.key.kind == 6) {
            optional_b.apply();
        } else {
            drop();
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
        packet.emit(hdr.key);
        packet.emit(hdr.extra);
    }
}

V1Switch(Parse(), Verify(), Forward(), Leave(), Update(), Deparse()) main;
