// An inout argument of another width.
#include "parts/begin.p4"

void f(inout bit<8> a) { a = 1; }

INGRESS {
    apply {
        f(h.x.b);
    }
}

#include "parts/end.p4"
