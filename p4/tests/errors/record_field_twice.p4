// Two values for one field.
#include "include/begin.p4"

INGRESS {
    apply {
        pair_t p = { first = 1, second = 2, first = 3 };
    }
}

#include "include/end.p4"
