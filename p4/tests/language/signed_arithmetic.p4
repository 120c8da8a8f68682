// Specification 1.2.5, "Operations on fixed-width signed integers": arithmetic wraps around, also
// the negation of the least value; an int<1> is 0 or -1.
#include "parts/begin.p4"

header x_t {
    int<8> a;
    int<8> b;
    int<8> sum;
    int<8> difference;
    int<8> product;
    int<8> negation;
    int<8> and;
    int<8> complement;
    int<1> one;
    int<1> one_negated;
    bit<6> pad;
    int<16> wide;
    int<16> square;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.sum = h.x.a + h.x.b;
        h.x.difference = h.x.a - h.x.b;
        h.x.product = h.x.a * h.x.b;
        h.x.negation = -h.x.a;
        h.x.and = h.x.a & h.x.b;
        h.x.complement = ~h.x.a;
        h.x.one_negated = -h.x.one;
        if (h.x.one < 0) { h.x.pad = 1; }
        h.x.square = h.x.wide * h.x.wide;
    }
}

#include "parts/end.p4"
