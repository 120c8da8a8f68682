// A slice beyond the highest bit.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a[8:1];
    }
}

#include "parts/end.p4"
