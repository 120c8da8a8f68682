// Specification 1.2.5, "Default action": it runs on a miss, with its arguments; without one it is
// NoAction; the control plane may change it.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> given; bit<8> none; bit<8> constant; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set_given(bit<8> v) { h.x.given = v; }
    action set_none(bit<8> v) { h.x.none = v; }
    action set_constant(bit<8> v, bit<8> w) { h.x.constant = v + w; }
    table given {
        key = { h.x.a : exact; }
        actions = { set_given; }
        default_action = set_given(2 * 8);
    }
    table none {
        key = { h.x.a : exact; }
        actions = { set_none; }
    }
    table constant {
        key = { h.x.a : exact; }
        actions = { set_constant; NoAction; }
        const default_action = set_constant(w = 1, v = 0x20);
    }
    apply {
        given.apply();
        none.apply();
        constant.apply();
    }
}

#include "parts/end.p4"
