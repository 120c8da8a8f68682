// An index that the tuple does not have.
#include "parts/begin.p4"

INGRESS {
    apply {
        tuple<bit<8>, bool> t = { 1, true };
        h.x.a = t[2];
    }
}

#include "parts/end.p4"
