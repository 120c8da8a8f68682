// A field of a value that has none.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a.v = 1;
    }
}

#include "parts/end.p4"
