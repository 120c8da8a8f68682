// A list with too few values.
#include "parts/begin.p4"

INGRESS {
    apply {
        pair_t p = { 1 };
    }
}

#include "parts/end.p4"
