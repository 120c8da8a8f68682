// A call of what cannot be called.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = m.n(1);
    }
}

#include "parts/end.p4"
