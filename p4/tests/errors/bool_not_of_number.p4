// The negation of a bool for a number.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = !h.x.a;
    }
}

#include "include/end.p4"
