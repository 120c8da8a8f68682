// A comparison of different types.
#include "include/begin.p4"

INGRESS {
    apply {
        if (h.x == h.y) { h.x.c = 1; }
    }
}

#include "include/end.p4"
