// A width without a number.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = 8w;
    }
}

#include "include/end.p4"
