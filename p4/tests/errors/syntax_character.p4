// A character that P4 does not know.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a ` 1;
    }
}

#include "include/end.p4"
