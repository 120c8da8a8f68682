// A number of no bits.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = 0w1;
    }
}

#include "parts/end.p4"
