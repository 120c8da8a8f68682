// An assignment to a constant.
#include "parts/begin.p4"

const bit<8> LIMIT = 1;

INGRESS {
    apply {
        LIMIT = 2;
    }
}

#include "parts/end.p4"
