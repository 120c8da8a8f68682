// A method of a value that has none.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a.setValid();
    }
}

#include "parts/end.p4"
