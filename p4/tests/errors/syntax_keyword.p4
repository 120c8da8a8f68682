// A keyword as a name.
#include "parts/begin.p4"

INGRESS {
    apply {
        bit<8> table = 1;
    }
}

#include "parts/end.p4"
