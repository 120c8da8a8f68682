// A slice with its bounds in the wrong order.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)h.x.a[0:3];
    }
}

#include "parts/end.p4"
