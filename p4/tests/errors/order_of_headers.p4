// A comparison of headers by size.
#include "include/begin.p4"

INGRESS {
    apply {
        if (h.y < h.y) { h.x.a = 1; }
    }
}

#include "include/end.p4"
