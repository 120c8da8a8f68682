// A character that P4 does not know.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a ` 1;
    }
}

#include "parts/end.p4"
