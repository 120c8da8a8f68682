// A cast of a header to a number.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)h.y;
    }
}

#include "include/end.p4"
