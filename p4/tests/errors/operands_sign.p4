// A signed and an unsigned operand.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a + h.x.i;
    }
}

#include "parts/end.p4"
