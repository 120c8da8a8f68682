// A function that nothing declares.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = twice(h.x.a);
    }
}

#include "include/end.p4"
