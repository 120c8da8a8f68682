// A cast of an enum without underlying type.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)m.color;
    }
}

#include "parts/end.p4"
