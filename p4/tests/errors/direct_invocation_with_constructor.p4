// A control with constructor parameters applied by its type.
#include "parts/begin.p4"

control C(inout x_t x)(bit<8> by) { apply { x.a = by; } }

INGRESS {
    apply {
        C.apply(h.x);
    }
}

#include "parts/end.p4"
