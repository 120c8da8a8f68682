// Not supported: a concatenation wider than 128 bits.
#include "parts/begin.p4"

INGRESS {
    bit<128> wide = 1;
    apply {
        h.x.a = (wide ++ h.x.a)[7:0];
    }
}

#include "parts/end.p4"
