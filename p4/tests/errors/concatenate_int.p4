// A concatenation with a number without width.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.b = h.x.a ++ 1;
    }
}

#include "parts/end.p4"
