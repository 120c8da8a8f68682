// Two variables of one name in one block.
#include "parts/begin.p4"

INGRESS {
    apply {
        bit<8> v = 1;
        bit<8> v = 2;
    }
}

#include "parts/end.p4"
