// Specification 1.2.5, "Invoking controls": an instance that is applied twice has one state, and
// parameters and variables anew each time.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> seen; bit<8> total; }
struct headers { x_t x; }
struct metadata {}

control Sum(in bit<8> v, out bit<8> total) {
    register<bit<8>>(1) sum;
    bit<8> local = 1;
    apply {
        sum.read(total, 0);
        total = total + v + local;
        local = 0x40;
        sum.write(0, total);
    }
}

INGRESS {
    Sum() sum;
    apply {
        sum.apply(h.x.a, h.x.seen);
        sum.apply(h.x.b, h.x.total);
    }
}

#include "parts/end.p4"
