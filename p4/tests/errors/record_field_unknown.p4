// A value for a field that the struct does not have.
#include "parts/begin.p4"

INGRESS {
    apply {
        pair_t p = { first = 1, second = 2, third = 3 };
    }
}

#include "parts/end.p4"
