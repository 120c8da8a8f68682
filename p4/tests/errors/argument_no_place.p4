// A value for an inout parameter.
#include "include/begin.p4"

void f(inout bit<8> a) { a = 1; }

INGRESS {
    apply {
        f(h.x.a + 1);
    }
}

#include "include/end.p4"
