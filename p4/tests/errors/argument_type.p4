// An argument of another type.
#include "parts/begin.p4"

bit<8> f(in bit<8> a) { return a; }

INGRESS {
    apply {
        h.x.a = f(h.x.b);
    }
}

#include "parts/end.p4"
