// A list with too many values.
#include "parts/begin.p4"

INGRESS {
    apply {
        pair_t p = { 1, 2, 3 };
    }
}

#include "parts/end.p4"
