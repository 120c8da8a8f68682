// Specification 1.2.5, "Operations on fixed-width bit types": arithmetic wraps around.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> b;
    bit<8> sum;
    bit<8> difference;
    bit<8> product;
    bit<8> negation;
    bit<8> same;
    bit<8> and;
    bit<8> or;
    bit<8> xor;
    bit<8> complement;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.sum = h.x.a + h.x.b;
        h.x.difference = h.x.a - h.x.b;
        h.x.product = h.x.a * h.x.b;
        h.x.negation = -h.x.a;
        h.x.same = +h.x.a;
        h.x.and = h.x.a & h.x.b;
        h.x.or = h.x.a | h.x.b;
        h.x.xor = h.x.a ^ h.x.b;
        h.x.complement = ~h.x.a;
    }
}

#include "parts/end.p4"
