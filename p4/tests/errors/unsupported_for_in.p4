// Not supported: for loops over a range.
#include "parts/begin.p4"

INGRESS {
    apply {
        for (bit<8> i in 8w1 .. 8w4) {
            h.x.a = h.x.a + i;
        }
    }
}

#include "parts/end.p4"
