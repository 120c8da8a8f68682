// A name that is almost right.
#include "parts/begin.p4"

INGRESS {
    apply {
        bit<8> number = 1;
        h.x.a = nunber;
    }
}

#include "parts/end.p4"
