// Arithmetic with a varbit.
#include "include/begin.p4"

INGRESS {
    apply {
        h.v.data = h.v.data + h.v.data;
    }
}

#include "include/end.p4"
