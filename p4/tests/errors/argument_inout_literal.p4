// A number for an out parameter.
#include "parts/begin.p4"

void f(out bit<8> a) { a = 1; }

INGRESS {
    apply {
        f(1);
    }
}

#include "parts/end.p4"
