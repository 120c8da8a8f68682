// A modulo of values of the packet.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a % 3;
    }
}

#include "parts/end.p4"
