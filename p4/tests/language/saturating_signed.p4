// Specification 1.2.5, "Operations on fixed-width signed integers": saturating operations stop at
// -2^(W-1) and at 2^(W-1) - 1.
#include "parts/begin.p4"

header x_t {
    int<8> a;
    int<8> b;
    int<8> sum;
    int<8> difference;
    int<128> c;
    int<128> d;
    int<128> wide_sum;
    int<128> wide_difference;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.sum = h.x.a |+| h.x.b;
        h.x.difference = h.x.a |-| h.x.b;
        h.x.wide_sum = h.x.c |+| h.x.d;
        h.x.wide_difference = h.x.c |-| h.x.d;
    }
}

#include "parts/end.p4"
