// Bits assigned to a varbit.
#include "include/begin.p4"

INGRESS {
    apply {
        h.v.data = 64w1;
    }
}

#include "include/end.p4"
