// The operands of ?: are of different types.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = m.flag ? h.x.a : h.x.b;
    }
}

#include "parts/end.p4"
