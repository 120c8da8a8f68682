// A comparison of different types.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (h.x == h.y) { h.x.c = 1; }
    }
}

#include "parts/end.p4"
