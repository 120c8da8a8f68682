// _ for an in parameter.
#include "include/begin.p4"

bit<8> f(in bit<8> a) { return a; }

INGRESS {
    apply {
        h.x.a = f(_);
    }
}

#include "include/end.p4"
