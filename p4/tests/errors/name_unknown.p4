// A name that nothing declares.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = nothing;
    }
}

#include "include/end.p4"
