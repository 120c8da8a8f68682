// An assignment between types of headers.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x = h.y;
    }
}

#include "parts/end.p4"
