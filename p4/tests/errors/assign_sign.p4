// An assignment of another sign.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.i = h.x.a;
    }
}

#include "parts/end.p4"
