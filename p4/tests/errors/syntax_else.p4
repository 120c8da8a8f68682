// An else without its if.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = 1;
        else h.x.a = 2;
    }
}

#include "parts/end.p4"
