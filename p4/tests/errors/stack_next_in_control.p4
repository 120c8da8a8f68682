// next of a stack in a control.
#include "include/begin.p4"

INGRESS {
    apply {
        h.stack.next = { 1, 2 };
    }
}

#include "include/end.p4"
