// A cast of a header to a number.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)h.y;
    }
}

#include "parts/end.p4"
