// An assignment to the data of an action.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { v = 1; }
    apply {
        set(1);
    }
}

#include "parts/end.p4"
