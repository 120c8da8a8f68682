// A comparison of a signed with an unsigned value.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (h.x.a < h.x.i) { h.x.c = 1; }
    }
}

#include "parts/end.p4"
