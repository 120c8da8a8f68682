// A variable that is declared further down.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = v;
        bit<8> v = 1;
    }
}

#include "include/end.p4"
