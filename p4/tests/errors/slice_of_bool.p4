// A slice of a bool.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)m.flag[0:0];
    }
}

#include "include/end.p4"
