// A number as a condition.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (h.x.a) { h.x.c = 1; }
    }
}

#include "parts/end.p4"
