// Some arguments by name and some by place.
#include "parts/begin.p4"

bit<8> f(in bit<8> a, in bit<8> b) { return a; }

INGRESS {
    apply {
        h.x.a = f(1, b = 2);
    }
}

#include "parts/end.p4"
