// A division of values of the packet.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a / h.x.c;
    }
}

#include "parts/end.p4"
