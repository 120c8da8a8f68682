// A name that is almost right.
#include "include/begin.p4"

INGRESS {
    apply {
        bit<8> number = 1;
        h.x.a = nunber;
    }
}

#include "include/end.p4"
