// A constant index that the stack does not have.
#include "include/begin.p4"

INGRESS {
    apply {
        h.stack[3].setInvalid();
    }
}

#include "include/end.p4"
