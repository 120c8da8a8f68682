// A number as the condition of ?:.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.c ? 8w1 : 8w2;
    }
}

#include "include/end.p4"
