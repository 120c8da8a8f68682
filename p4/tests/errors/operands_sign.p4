// A signed and an unsigned operand.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a + h.x.i;
    }
}

#include "include/end.p4"
