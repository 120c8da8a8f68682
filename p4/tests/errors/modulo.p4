// A modulo of values of the packet.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a % 3;
    }
}

#include "include/end.p4"
