// A method of a value that has none.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a.setValid();
    }
}

#include "include/end.p4"
