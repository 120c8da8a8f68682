// A list with a value of another type.
#include "include/begin.p4"

INGRESS {
    apply {
        pair_t p = { 1, true };
    }
}

#include "include/end.p4"
