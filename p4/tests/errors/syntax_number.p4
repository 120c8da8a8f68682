// A number with a digit that its base does not have.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = 0b102;
    }
}

#include "parts/end.p4"
