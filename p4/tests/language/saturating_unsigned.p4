// Specification 1.2.5, "Operations on fixed-width bit types": saturating operations stop at 0 and
// at 2^W - 1.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> b;
    bit<8> sum;
    bit<8> difference;
    bit<4> c;
    bit<4> d;
    bit<4> narrow_sum;
    bit<4> narrow_difference;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.sum = h.x.a |+| h.x.b;
        h.x.difference = h.x.a |-| h.x.b;
        h.x.narrow_sum = h.x.c |+| h.x.d;
        h.x.narrow_difference = h.x.c |-| h.x.d;
    }
}

#include "parts/end.p4"
