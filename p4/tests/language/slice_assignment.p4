// Specification 1.2.5, "Operations on fixed-width bit types": assigning to a slice changes its
// bits and no others; a slice can be an argument of an out or inout parameter.
#include "parts/begin.p4"

header x_t {
    bit<16> a;
    bit<8> b;
    int<8> i;
    bit<128> wide;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    action increment(inout bit<4> v) { v = v + 1; }
    action swap(inout bit<2> v, inout bit<2> w) {
        bit<2> old = v;
        v = w;
        w = old;
    }

    apply {
        h.x.a[11:4] = h.x.b;
        h.x.a[0:0] = 1;
        h.x.i[7:6] = 2w1;
        h.x.wide[127:120] = h.x.b;
        h.x.wide[7:0] = h.x.wide[127:120];
        increment(h.x.b[3:0]);
        swap(h.x.b[7:6], h.x.b[1:0]);
    }
}

#include "parts/end.p4"
