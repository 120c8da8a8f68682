// A table for each kind of match, constant and initial entries, a table without a key, counters of
// each kind, and registers of each type.
#include <core.p4>
#include <v1model.p4>

enum bit<8> Color { red = 1, green = 2 }
header probe_t { bit<16> a; bit<32> b; bit<128> wide; bit<8> kind; bit<8> from_left; bit<8> from_right; }
struct headers_t { probe_t probe; }
struct metadata_t { }

parser P(packet_in packet, out headers_t hdr, inout metadata_t meta,
         inout standard_metadata_t standard) {
    state start { packet.extract(hdr.probe); transition accept; }
}
control V(inout headers_t hdr, inout metadata_t meta) { apply { } }
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    direct_counter(CounterType.packets_and_bytes) exact_hits;
    direct_counter(CounterType.packets) const_hits;
    counter(4, CounterType.packets_and_bytes) seen;
    counter(2, CounterType.bytes) seen_bytes;
    register<bit<32>>(3) last;
    register<bit<128>>(2) widest;
    register<bool>(2) flags;
    register<Color>(2) colors;

    action send(bit<9> port) { standard.egress_spec = port; }
    action tag(bit<8> value, bit<128> wide) { hdr.probe.kind = value; hdr.probe.wide = wide; }
    action left(bit<8> value) { hdr.probe.from_left = value; }
    action right(bit<8> value) { hdr.probe.from_right = value; }
    action discard() { mark_to_drop(standard); }

    @name(".exact_t") table exact_t {
        key = { hdr.probe.a: exact @name("a"); hdr.probe.wide: exact @name("wide"); }
        actions = { send; tag; @tableonly discard; NoAction; }
        default_action = send(1);
        counters = exact_hits;
        size = 8;
    }
    @name(".lpm_t") table lpm_t {
        key = { hdr.probe.b: lpm @name("b"); hdr.probe.kind: exact @name("kind"); }
        actions = { send; @defaultonly NoAction; }
        size = 64;
    }
    @name(".ternary_t") table ternary_t {
        key = { hdr.probe.b: ternary @name("b"); hdr.probe.a: range @name("a");
                hdr.probe.kind: optional @name("kind"); }
        actions = { send; NoAction; }
        const default_action = NoAction;
        size = 64;
    }
    @name(".range_t") table range_t {
        key = { hdr.probe.b: exact @name("b"); hdr.probe.a: range @name("a"); }
        actions = { send; tag; NoAction; }
    }
    @name(".const_t") table const_t {
        key = { hdr.probe.kind: ternary @name("kind"); }
        actions = { send; NoAction; }
        const entries = { 7: send(2); 8 &&& 8: send(3); _: NoAction(); }
        counters = const_hits;
    }
    @name(".initial_t") table initial_t {
        key = { hdr.probe.kind: exact @name("kind"); }
        actions = { send; NoAction; }
        entries = { const 1: send(4); 2: send(5); }
        size = 16;
    }
    @name(".keyless_t") table keyless_t {
        actions = { send; NoAction; }
        default_action = NoAction;
    }
    @name(".left_t") table left_t {
        key = { hdr.probe.kind: exact @name("kind"); }
        actions = { left; NoAction; }
        size = 1024;
    }
    @name(".right_t") table right_t {
        key = { hdr.probe.kind: exact @name("kind"); }
        actions = { right; NoAction; }
        size = 1024;
    }
    apply {
        seen.count((bit<32>) hdr.probe.kind);
        seen_bytes.count(0);
        last.write(0, hdr.probe.b);
        left_t.apply();
        exact_t.apply();
        lpm_t.apply();
        ternary_t.apply();
        range_t.apply();
        const_t.apply();
        initial_t.apply();
        keyless_t.apply();
        right_t.apply();
        flags.write(0, true);
        colors.write(0, Color.green);
        widest.write(0, hdr.probe.wide);
    }
}
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply { }
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { packet.emit(hdr); } }
V1Switch(P(), V(), I(), E(), C(), D()) main;
