// A value of the original type where one of a new type should be.
#include "include/begin.p4"

type bit<8> port_t;

INGRESS {
    apply {
        port_t p = h.x.a;
    }
}

#include "include/end.p4"
