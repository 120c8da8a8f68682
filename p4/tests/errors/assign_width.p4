// An assignment of another width.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.b;
    }
}

#include "include/end.p4"
