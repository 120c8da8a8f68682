// Specification 1.2.5, "Keys", and v1model: with an exact element the longest prefix wins; with a
// ternary element only the priority counts, not the length of the prefix.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<16> address; bit<8> first; bit<8> second; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set_first(bit<8> v) { h.x.first = v; }
    action set_second(bit<8> v) { h.x.second = v; }
    table exact_lpm {
        key = {
            h.x.address : lpm;
            h.x.a : exact;
        }
        actions = { set_first; NoAction; }
        default_action = NoAction();
    }
    table ternary_lpm {
        key = {
            h.x.a : ternary;
            h.x.address : lpm;
        }
        actions = { set_second; NoAction; }
        default_action = NoAction();
    }
    apply {
        exact_lpm.apply();
        ternary_lpm.apply();
    }
}

#include "parts/end.p4"
