// A slice of a bool.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)m.flag[0:0];
    }
}

#include "parts/end.p4"
