// A field that the header does not have.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.d = 1;
    }
}

#include "parts/end.p4"
