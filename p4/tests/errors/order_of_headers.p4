// A comparison of headers by size.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (h.y < h.y) { h.x.a = 1; }
    }
}

#include "parts/end.p4"
