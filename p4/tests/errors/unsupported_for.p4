// Not supported: for loops.
#include "parts/begin.p4"

INGRESS {
    apply {
        for (bit<8> i = 0; i < 4; i = i + 1) {
            h.x.a = h.x.a + i;
        }
    }
}

#include "parts/end.p4"
