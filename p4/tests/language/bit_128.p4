// Specification 1.2.5, "Operations on fixed-width bit types", in 128 bits, the widest there are
// here.
#include "parts/begin.p4"

header x_t {
    bit<128> a;
    bit<128> b;
    bit<128> sum;
    bit<128> difference;
    bit<128> product;
    bit<128> left;
    bit<128> right;
    bit<128> xor;
    bit<8> less;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.sum = h.x.a + h.x.b;
        h.x.difference = h.x.a - h.x.b;
        h.x.product = h.x.a * h.x.b;
        h.x.left = h.x.a << h.x.b[7:0];
        h.x.right = h.x.a >> h.x.b[7:0];
        h.x.xor = h.x.a ^ h.x.b;
        if (h.x.a < h.x.b) { h.x.less = 1; }
    }
}

#include "parts/end.p4"
