// The operands of ?: both without width.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = m.flag ? 1 : 2;
    }
}

#include "include/end.p4"
