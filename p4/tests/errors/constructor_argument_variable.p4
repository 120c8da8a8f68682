// A constructor argument that is not constant.
#include "parts/begin.p4"

control C(inout x_t x)(bit<8> by) { apply { x.a = by; } }

INGRESS {
    C(h.x.a) c;
    apply {

    }
}

#include "parts/end.p4"
