// An else without its if.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = 1;
        else h.x.a = 2;
    }
}

#include "include/end.p4"
