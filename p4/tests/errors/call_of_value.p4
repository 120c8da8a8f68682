// A call of what cannot be called.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = m.n(1);
    }
}

#include "include/end.p4"
