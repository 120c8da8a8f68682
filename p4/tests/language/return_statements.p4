// Specification 1.2.5, "Return statement": it ends the action, function or control that it stands
// in and no other; out parameters are copied out.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> action_result; bit<8> control_result; bit<8> reached; }
struct headers { x_t x; }
struct metadata {}

control Early(in bit<8> v, out bit<8> result) {
    apply {
        result = 1;
        if (v == 1) { return; }
        result = 2;
        if (v == 2) {
            if (v != 3) { return; }
        }
        result = 3;
    }
}

INGRESS {
    Early() early;
    action first(in bit<8> v, inout bit<8> result) {
        result = 0x10;
        if (v == 1) { return; }
        result = 0x20;
    }
    apply {
        first(h.x.a, h.x.action_result);
        early.apply(h.x.a, h.x.control_result);
        h.x.reached = 1;
        if (h.x.a == 3) { return; }
        h.x.reached = 2;
    }
}

#include "parts/end.p4"
