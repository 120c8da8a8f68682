// A field of a value that has none.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a.v = 1;
    }
}

#include "include/end.p4"
