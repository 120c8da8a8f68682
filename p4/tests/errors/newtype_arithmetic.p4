// Arithmetic with a new type.
#include "parts/begin.p4"

type bit<8> port_t;

INGRESS {
    apply {
        port_t p = (port_t)h.x.a;
        p = p + p;
    }
}

#include "parts/end.p4"
