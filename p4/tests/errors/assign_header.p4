// An assignment between types of headers.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x = h.y;
    }
}

#include "include/end.p4"
