// _ for an in parameter.
#include "parts/begin.p4"

bit<8> f(in bit<8> a) { return a; }

INGRESS {
    apply {
        h.x.a = f(_);
    }
}

#include "parts/end.p4"
