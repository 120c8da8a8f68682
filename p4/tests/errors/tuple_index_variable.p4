// An index of a tuple that is not constant.
#include "parts/begin.p4"

INGRESS {
    apply {
        tuple<bit<8>, bit<8>> t = { 1, 2 };
        h.x.a = t[h.x.a];
    }
}

#include "parts/end.p4"
