// A parenthesis is not closed.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = (h.x.a + 1;
    }
}

#include "parts/end.p4"
