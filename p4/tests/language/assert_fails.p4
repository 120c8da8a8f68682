// v1model, assert and assume: a packet for which the condition does not hold goes nowhere (BMv2
// itself stops there).
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.b = 1;
        assert(h.x.a != 1);
        assume(h.x.a != 2);
        h.x.b = 2;
    }
}

#include "parts/end.p4"
