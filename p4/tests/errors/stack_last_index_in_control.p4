// lastIndex of a stack in a control.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = (bit<8>)h.stack.lastIndex;
    }
}

#include "parts/end.p4"
