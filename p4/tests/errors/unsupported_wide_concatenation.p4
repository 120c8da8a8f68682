// Not supported: a concatenation wider than 128 bits.
#include "include/begin.p4"

INGRESS {
    bit<128> wide = 1;
    apply {
        h.x.a = (wide ++ h.x.a)[7:0];
    }
}

#include "include/end.p4"
