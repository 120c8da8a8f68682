// The operands of ?: are of different types.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = m.flag ? h.x.a : h.x.b;
    }
}

#include "include/end.p4"
