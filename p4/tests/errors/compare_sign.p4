// A comparison of a signed with an unsigned value.
#include "include/begin.p4"

INGRESS {
    apply {
        if (h.x.a < h.x.i) { h.x.c = 1; }
    }
}

#include "include/end.p4"
