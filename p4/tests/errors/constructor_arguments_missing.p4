// An instance without its constructor arguments.
#include "parts/begin.p4"

control C(inout x_t x)(bit<8> by) { apply { x.a = by; } }

INGRESS {
    C() c;
    apply {
        c.apply(h.x);
    }
}

#include "parts/end.p4"
