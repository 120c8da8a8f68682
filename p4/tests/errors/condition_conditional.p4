// A number as the condition of ?:.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.c ? 8w1 : 8w2;
    }
}

#include "parts/end.p4"
