// A constant index that the stack does not have.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.stack[3].setInvalid();
    }
}

#include "parts/end.p4"
