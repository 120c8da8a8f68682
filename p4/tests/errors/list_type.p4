// A list with a value of another type.
#include "parts/begin.p4"

INGRESS {
    apply {
        pair_t p = { 1, true };
    }
}

#include "parts/end.p4"
