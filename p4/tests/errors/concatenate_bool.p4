// A concatenation of a bool.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.b = h.x.a ++ m.flag;
    }
}

#include "parts/end.p4"
