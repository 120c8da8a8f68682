// A list for a header with a varbit.
#include "include/begin.p4"

INGRESS {
    apply {
        h.v = { 1, 64w2 };
    }
}

#include "include/end.p4"
