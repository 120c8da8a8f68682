// A value for an inout parameter.
#include "parts/begin.p4"

void f(inout bit<8> a) { a = 1; }

INGRESS {
    apply {
        f(h.x.a + 1);
    }
}

#include "parts/end.p4"
