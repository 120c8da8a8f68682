// Specification 1.2.5, "Actions" of tables: parameters with a direction are bound in the list of
// actions, evaluated when the action runs, and copied out behind it.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> c; bit<8> n; }
struct headers { x_t x; }
struct metadata {}

bit<8> next(inout bit<8> n) {
    n = n + 1;
    return n;
}

INGRESS {
    bit<8> n = 7;
    action add(in bit<8> v, inout bit<8> w, bit<8> data) { w = w + v + data; }
    action count(in bit<8> v, out bit<8> w) { w = v; }
    table t {
        key = { h.x.a : exact; }
        actions = {
            add(h.x.b, h.x.c);
            count(next(n), h.x.c);
        }
        default_action = add(h.x.b, h.x.c, 0x40);
    }
    apply {
        h.x.b = h.x.b + 1;
        t.apply();
        h.x.n = n;
    }
}

#include "parts/end.p4"
