// Specification 1.2.5, "Expressions": the operators & ^ | bind tighter than comparisons, ++ is as
// strong as +, operators of one strength group from the left, and ?: is the weakest.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> b;
    bit<8> c;
    bit<8> d;
    bool mask_equal;
    bool or_last;
    bit<6> pad;
    bit<8> shift_after_plus;
    bit<8> plus_in_shift;
    bit<8> or_xor_and;
    bit<8> minus_minus;
    bit<8> cast_slice_plus;
    bit<8> negate_plus;
    bit<16> concatenate_plus;
    bit<8> conditional;
    bit<8> times_plus;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.mask_equal = h.x.a & h.x.b == h.x.c;
        h.x.or_last = h.x.a > h.x.b && h.x.c > h.x.d || h.x.a < h.x.b;
        h.x.shift_after_plus = h.x.a + h.x.b << 1;
        h.x.plus_in_shift = h.x.a << 1 + 1;
        h.x.or_xor_and = h.x.a | h.x.b ^ h.x.c & h.x.d;
        h.x.minus_minus = h.x.a - h.x.b - h.x.c;
        h.x.cast_slice_plus = (bit<8>)h.x.a[3:0] + 1;
        h.x.negate_plus = -h.x.a + h.x.b;
        h.x.concatenate_plus = h.x.a ++ h.x.b + 1;
        h.x.conditional = h.x.a == h.x.b ? 8w1 : (h.x.a < h.x.b || h.x.c == 0 ? 8w2 : 8w3);
        h.x.times_plus = h.x.a + h.x.b * h.x.c;
    }
}

#include "parts/end.p4"
