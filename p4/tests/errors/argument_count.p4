// Too few arguments.
#include "parts/begin.p4"

bit<8> f(in bit<8> a, in bit<8> b) { return a; }

INGRESS {
    apply {
        h.x.a = f(1);
    }
}

#include "parts/end.p4"
