// Specification 1.2.5, "Invoking actions" and "Calling convention": in, out, inout and
// directionless parameters of actions that are called, from a control and from an action.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> c; bit<8> d; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action add(in bit<8> v, in bit<8> w, out bit<8> sum) { sum = v + w; }
    action increase(inout bit<8> v, bit<8> by) { v = v + by; }
    action both(inout bit<8> v, bit<8> by) {
        increase(v, by);
        increase(by = by + 1, v = v);
    }
    action make_invalid(out x_t x) {}
    apply {
        add(h.x.a, h.x.b, h.x.c);
        increase(h.x.b, h.x.a);
        both(h.x.d, 0x10);
        if (h.x.a == 0xff) { make_invalid(h.x); }
    }
}

#include "parts/end.p4"
