// A shift by a signed value.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a << h.x.i;
    }
}

#include "parts/end.p4"
