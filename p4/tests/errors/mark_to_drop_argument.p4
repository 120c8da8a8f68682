// mark_to_drop of something else.
#include "include/begin.p4"

INGRESS {
    apply {
        mark_to_drop(h.x);
    }
}

#include "include/end.p4"
