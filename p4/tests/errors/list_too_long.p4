// A list with too many values.
#include "include/begin.p4"

INGRESS {
    apply {
        pair_t p = { 1, 2, 3 };
    }
}

#include "include/end.p4"
