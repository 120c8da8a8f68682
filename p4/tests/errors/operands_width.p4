// Operands of different widths.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.b = h.x.a + h.x.b;
    }
}

#include "parts/end.p4"
