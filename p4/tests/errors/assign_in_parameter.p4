// An assignment to an in parameter.
#include "include/begin.p4"

INGRESS {
    action set(in bit<8> v) { v = 1; }
    apply {
        set(h.x.a);
    }
}

#include "include/end.p4"
