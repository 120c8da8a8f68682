// A function that nothing declares.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = twice(h.x.a);
    }
}

#include "parts/end.p4"
