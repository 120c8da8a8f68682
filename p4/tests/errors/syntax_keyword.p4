// A keyword as a name.
#include "include/begin.p4"

INGRESS {
    apply {
        bit<8> table = 1;
    }
}

#include "include/end.p4"
