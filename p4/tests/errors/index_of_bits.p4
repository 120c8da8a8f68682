// An index of a number.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.b[1];
    }
}

#include "parts/end.p4"
