// A list for a header with a varbit.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.v = { 1, 64w2 };
    }
}

#include "parts/end.p4"
