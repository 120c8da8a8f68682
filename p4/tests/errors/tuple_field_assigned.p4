// An assignment to a field of a tuple.
#include "parts/begin.p4"

INGRESS {
    apply {
        tuple<bit<8>, bool> t = { 1, true };
        t[0] = 2;
    }
}

#include "parts/end.p4"
