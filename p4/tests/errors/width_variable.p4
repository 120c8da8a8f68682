// A width that is not constant.
#include "include/begin.p4"

INGRESS {
    apply {
        bit<(h.x.a)> v;
    }
}

#include "include/end.p4"
