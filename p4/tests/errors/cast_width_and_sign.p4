// A cast that changes width and sign at once.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.i = (int<8>)h.x.b;
    }
}

#include "parts/end.p4"
