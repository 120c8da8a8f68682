// Specification 1.2.5, "Operations on tuple expressions": tuples are assigned, compared, nested
// and passed, and their fields are read by index.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<16> b;
    bit<16> first;
    bit<8> second;
    bool third;
    bool equal;
    bool different;
    bit<5> pad;
    bit<8> nested;
}

bit<8> second(in tuple<bit<16>, bit<8>, bool> t) {
    return t[1];
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        tuple<bit<16>, bit<8>, bool> t = { h.x.b, h.x.a, h.x.a == 1 };
        tuple<bit<16>, bit<8>, bool> copy = t;
        h.x.first = t[0];
        h.x.second = second(copy);
        h.x.third = copy[2];
        h.x.equal = t == copy;
        t = { 1, 2, false };
        h.x.different = t != copy;
        tuple<bit<8>, tuple<bit<8>, bit<8>>> nested = { 1, { 2, h.x.a } };
        h.x.nested = nested[1][1];
    }
}

#include "parts/end.p4"
