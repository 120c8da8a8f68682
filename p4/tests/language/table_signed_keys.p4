// Specification 1.2.5, "Keys": signed numbers as keys are compared by their two's complement, also
// with masks.
#include "parts/begin.p4"

header x_t { int<8> level; bit<8> exact_result; bit<8> ternary_result; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set_exact(bit<8> v) { h.x.exact_result = v; }
    action set_ternary(bit<8> v) { h.x.ternary_result = v; }
    table e {
        key = { h.x.level : exact; }
        actions = { set_exact; NoAction; }
        const entries = {
            -1 : set_exact(1);
            127 : set_exact(2);
            -128 : set_exact(3);
        }
    }
    table t {
        key = { h.x.level : ternary; }
        actions = { set_ternary; NoAction; }
        const entries = {
            -128 &&& -128 : set_ternary(1);
            _ : set_ternary(2);
        }
    }
    apply {
        e.apply();
        t.apply();
    }
}

#include "parts/end.p4"
