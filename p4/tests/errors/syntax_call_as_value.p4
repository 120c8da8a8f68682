// An assignment to what is no place.
#include "parts/begin.p4"

INGRESS {
    apply {
        1 = h.x.a;
    }
}

#include "parts/end.p4"
