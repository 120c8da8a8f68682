// && of numbers.
#include "include/begin.p4"

INGRESS {
    apply {
        if (h.x.a && h.x.c) { h.x.c = 1; }
    }
}

#include "include/end.p4"
