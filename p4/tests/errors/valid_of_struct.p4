// isValid of a struct.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (m.pair.isValid()) { h.x.a = 1; }
    }
}

#include "parts/end.p4"
