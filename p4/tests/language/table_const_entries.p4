// Specification 1.2.5, "Entries": entries in the program are matched in their order where the keys
// are ternary or ranges, by the longest prefix for lpm; values, masks, ranges and _.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<16> b;
    bit<8> exact_ternary;
    bit<8> prefix;
    bit<8> ranges;
}
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action first(bit<8> v) { h.x.exact_ternary = v; }
    action second(bit<8> v) { h.x.prefix = v; }
    action third(bit<8> v) { h.x.ranges = v; }
    table t {
        key = {
            h.x.a : exact;
            h.x.b : ternary;
        }
        actions = { first; }
        default_action = first(0xee);
        const entries = {
            (0x01, 0x1111 &&& 0xf) : first(1);
            (0x02, 0x1181) : first(2);
            (0x03, 0x1111 &&& 0xf000) : first(3);
            (0x04, 0x1211 &&& 0x02f0) : first(4);
            (0x04, 0x1311 &&& 0x02f0) : first(5);
            (0x06, _) : first(6);
            (0x06, 0x0001) : first(7);
        }
    }
    table u {
        key = { h.x.b : lpm; }
        actions = { second; NoAction; }
        const default_action = NoAction();
        const entries = {
            0x1200 &&& 0xff00 : second(8);
            _ : second(1);
            0x1234 : second(16);
            0x1230 &&& 0xfff0 : second(12);
        }
    }
    table v {
        key = {
            h.x.a : range;
            h.x.b : range;
        }
        actions = { third; NoAction; }
        const default_action = NoAction();
        const entries = {
            (1 .. 3, 0x1000 .. 0x1fff) : third(1);
            (2, 0x1100) : third(2);
            (2 .. 6, _) : third(3);
        }
    }
    apply {
        t.apply();
        u.apply();
        v.apply();
    }
}

#include "parts/end.p4"
