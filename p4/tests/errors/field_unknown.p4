// A field that the header does not have.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.d = 1;
    }
}

#include "include/end.p4"
