// isValid of a struct.
#include "include/begin.p4"

INGRESS {
    apply {
        if (m.pair.isValid()) { h.x.a = 1; }
    }
}

#include "include/end.p4"
