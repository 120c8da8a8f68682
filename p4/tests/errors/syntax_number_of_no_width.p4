// A number of no bits.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = 0w1;
    }
}

#include "include/end.p4"
