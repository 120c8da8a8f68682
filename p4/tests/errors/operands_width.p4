// Operands of different widths.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.b = h.x.a + h.x.b;
    }
}

#include "include/end.p4"
