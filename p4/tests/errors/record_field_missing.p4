// A field of a struct without a value.
#include "parts/begin.p4"

INGRESS {
    apply {
        pair_t p = { first = 1 };
    }
}

#include "parts/end.p4"
