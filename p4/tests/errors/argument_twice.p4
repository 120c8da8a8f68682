// Two arguments for one parameter.
#include "parts/begin.p4"

bit<8> f(in bit<8> a, in bit<8> b = 1) { return a; }

INGRESS {
    apply {
        h.x.a = f(a = 1, a = 2);
    }
}

#include "parts/end.p4"
