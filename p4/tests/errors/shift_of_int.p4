// A number without width, shifted by a value of the packet.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.b = 1 << h.x.a;
    }
}

#include "parts/end.p4"
