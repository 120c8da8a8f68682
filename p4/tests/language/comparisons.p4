// Specification 1.2.5, "Operations on fixed-width bit types" and "... signed integers": the same
// bits compare differently as signed and as unsigned numbers.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> b;
    bool unsigned_less;
    bool unsigned_less_equal;
    bool unsigned_greater;
    bool unsigned_greater_equal;
    bool signed_less;
    bool signed_less_equal;
    bool signed_greater;
    bool signed_greater_equal;
    bool equal;
    bool not_equal;
    bool signed_equal;
    bool signed_not_equal;
    bit<4> pad;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        int<8> c = (int<8>)h.x.a;
        int<8> d = (int<8>)h.x.b;
        h.x.unsigned_less = h.x.a < h.x.b;
        h.x.unsigned_less_equal = h.x.a <= h.x.b;
        h.x.unsigned_greater = h.x.a > h.x.b;
        h.x.unsigned_greater_equal = h.x.a >= h.x.b;
        h.x.signed_less = c < d;
        h.x.signed_less_equal = c <= d;
        h.x.signed_greater = c > d;
        h.x.signed_greater_equal = c >= d;
        h.x.equal = h.x.a == h.x.b;
        h.x.not_equal = h.x.a != h.x.b;
        h.x.signed_equal = c == d;
        h.x.signed_not_equal = c != d;
    }
}

#include "parts/end.p4"
