// Bits assigned to a varbit.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.v.data = 64w1;
    }
}

#include "parts/end.p4"
