// An assignment to a constant.
#include "include/begin.p4"

const bit<8> LIMIT = 1;

INGRESS {
    apply {
        LIMIT = 2;
    }
}

#include "include/end.p4"
