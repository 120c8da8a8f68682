// An assignment to an in parameter.
#include "parts/begin.p4"

INGRESS {
    action set(in bit<8> v) { v = 1; }
    apply {
        set(h.x.a);
    }
}

#include "parts/end.p4"
