// Not supported: a number wider than 128 bits.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)(129w1 >> 1);
    }
}

#include "parts/end.p4"
