// Arithmetic with a varbit.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.v.data = h.v.data + h.v.data;
    }
}

#include "parts/end.p4"
