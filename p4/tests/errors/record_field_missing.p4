// A field of a struct without a value.
#include "include/begin.p4"

INGRESS {
    apply {
        pair_t p = { first = 1 };
    }
}

#include "include/end.p4"
