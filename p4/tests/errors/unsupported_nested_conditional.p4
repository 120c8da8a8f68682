// Not supported: ?: within ?: without parentheses, which compilers group in different ways.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = m.flag ? 8w1 : h.x.c == 1 ? 8w2 : 8w3;
    }
}

#include "parts/end.p4"
