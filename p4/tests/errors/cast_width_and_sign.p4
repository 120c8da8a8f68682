// A cast that changes width and sign at once.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.i = (int<8>)h.x.b;
    }
}

#include "include/end.p4"
