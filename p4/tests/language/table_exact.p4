// Specification 1.2.5, "Tables": exact keys of several elements, entries of the control plane, and
// an action's data.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<16> b; bit<8> result; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action set(bit<8> v) { h.x.result = v; }
    action sum(bit<8> v, bit<4> w) { h.x.result = v + (bit<8>)w; }
    action miss() { h.x.result = 0xee; }
    table t {
        key = {
            h.x.a : exact;
            h.x.b : exact;
        }
        actions = { set; sum; miss; }
        default_action = miss();
        size = 4;
    }
    apply { t.apply(); }
}

#include "parts/end.p4"
