// The operands of ?: both without width.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = m.flag ? 1 : 2;
    }
}

#include "parts/end.p4"
