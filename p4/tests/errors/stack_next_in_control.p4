// next of a stack in a control.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.stack.next = { 1, 2 };
    }
}

#include "parts/end.p4"
