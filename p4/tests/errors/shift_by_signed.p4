// A shift by a signed value.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a << h.x.i;
    }
}

#include "include/end.p4"
