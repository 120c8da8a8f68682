// An assignment of another width.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.b;
    }
}

#include "parts/end.p4"
