// A letter that is no part of names.
#include "parts/begin.p4"

INGRESS {
    apply {
        bit<8> größe = 1;
    }
}

#include "parts/end.p4"
