// An argument for a parameter that there is not.
#include "parts/begin.p4"

bit<8> f(in bit<8> a) { return a; }

INGRESS {
    apply {
        h.x.a = f(b = 1);
    }
}

#include "parts/end.p4"
