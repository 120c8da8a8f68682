// mark_to_drop of something else.
#include "parts/begin.p4"

INGRESS {
    apply {
        mark_to_drop(h.x);
    }
}

#include "parts/end.p4"
