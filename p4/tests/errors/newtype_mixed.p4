// A value of the original type where one of a new type should be.
#include "parts/begin.p4"

type bit<8> port_t;

INGRESS {
    apply {
        port_t p = h.x.a;
    }
}

#include "parts/end.p4"
