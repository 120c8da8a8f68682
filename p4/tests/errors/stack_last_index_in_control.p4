// lastIndex of a stack in a control.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)h.stack.lastIndex;
    }
}

#include "include/end.p4"
