// A variable that is declared further down.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = v;
        bit<8> v = 1;
    }
}

#include "parts/end.p4"
