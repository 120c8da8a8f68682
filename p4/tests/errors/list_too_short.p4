// A list with too few values.
#include "include/begin.p4"

INGRESS {
    apply {
        pair_t p = { 1 };
    }
}

#include "include/end.p4"
