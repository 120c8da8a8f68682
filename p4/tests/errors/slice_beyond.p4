// A slice beyond the highest bit.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a[8:1];
    }
}

#include "include/end.p4"
