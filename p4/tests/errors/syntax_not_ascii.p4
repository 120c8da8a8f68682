// A letter that is no part of names.
#include "include/begin.p4"

INGRESS {
    apply {
        bit<8> größe = 1;
    }
}

#include "include/end.p4"
