// A concatenation with a number without width.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.b = h.x.a ++ 1;
    }
}

#include "include/end.p4"
