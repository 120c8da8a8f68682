// A division of values of the packet.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a / h.x.c;
    }
}

#include "include/end.p4"
