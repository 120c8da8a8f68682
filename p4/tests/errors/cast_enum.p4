// A cast of an enum without underlying type.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)m.color;
    }
}

#include "include/end.p4"
