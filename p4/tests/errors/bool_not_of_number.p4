// The negation of a bool for a number.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = !h.x.a;
    }
}

#include "parts/end.p4"
