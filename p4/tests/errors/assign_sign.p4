// An assignment of another sign.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.i = h.x.a;
    }
}

#include "include/end.p4"
