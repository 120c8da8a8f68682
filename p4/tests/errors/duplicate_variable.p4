// Two variables of one name in one block.
#include "include/begin.p4"

INGRESS {
    apply {
        bit<8> v = 1;
        bit<8> v = 2;
    }
}

#include "include/end.p4"
