// A concatenation of a bool.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.b = h.x.a ++ m.flag;
    }
}

#include "include/end.p4"
