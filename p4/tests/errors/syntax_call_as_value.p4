// An assignment to what is no place.
#include "include/begin.p4"

INGRESS {
    apply {
        1 = h.x.a;
    }
}

#include "include/end.p4"
