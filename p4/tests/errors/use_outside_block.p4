// A variable of a block that has ended.
#include "include/begin.p4"

INGRESS {
    apply {
        { bit<8> v = 1; }
        h.x.a = v;
    }
}

#include "include/end.p4"
