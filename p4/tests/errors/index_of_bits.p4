// An index of a number.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.b[1];
    }
}

#include "include/end.p4"
