// A width without a number.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = 8w;
    }
}

#include "parts/end.p4"
