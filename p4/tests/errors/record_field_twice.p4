// Two values for one field.
#include "parts/begin.p4"

INGRESS {
    apply {
        pair_t p = { first = 1, second = 2, first = 3 };
    }
}

#include "parts/end.p4"
