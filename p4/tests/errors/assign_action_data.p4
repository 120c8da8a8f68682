// An assignment to the data of an action.
#include "include/begin.p4"

INGRESS {
    action set(bit<8> v) { v = 1; }
    apply {
        set(1);
    }
}

#include "include/end.p4"
