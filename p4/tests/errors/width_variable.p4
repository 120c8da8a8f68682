// A width that is not constant.
#include "parts/begin.p4"

INGRESS {
    apply {
        bit<(h.x.a)> v;
    }
}

#include "parts/end.p4"
