// A name that nothing declares.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = nothing;
    }
}

#include "parts/end.p4"
