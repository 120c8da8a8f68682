// A variable of a block that has ended.
#include "parts/begin.p4"

INGRESS {
    apply {
        { bit<8> v = 1; }
        h.x.a = v;
    }
}

#include "parts/end.p4"
