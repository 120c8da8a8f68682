// Specification 1.2.5, "Implicit casts": an int gets the type of the other operand and may lose
// bits, but not as the right operand of a shift; a serializable enum becomes its underlying type.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    int<8> i;
    bit<8> plus;
    bit<8> or;
    bit<8> overflow;
    bit<8> negative;
    bool less_than_zero;
    bool equal;
    bit<6> pad;
    bit<8> shifted_out;
    bit<8> with_enum;
    bit<16> shift_by_enum;
    bit<8> enum_slice;
    bit<16> enum_concatenated;
    int<8> least;
    int<8> minus_one;
}

enum bit<8> E { five = 5 }

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.plus = h.x.a + 1;
        h.x.or = h.x.a | 0xF00;
        h.x.overflow = 300 + h.x.a;
        h.x.negative = -1;
        h.x.less_than_zero = h.x.i < 0;
        h.x.equal = h.x.a == 0x1ff;
        h.x.shifted_out = h.x.a << 256;
        h.x.with_enum = h.x.a + E.five;
        h.x.shift_by_enum = 16w11 << E.five;
        h.x.enum_slice = (bit<8>)h.x.a[E.five:0];
        h.x.enum_concatenated = E.five ++ 8w1;
        h.x.least = -128;
        h.x.minus_one = 255;
    }
}

#include "parts/end.p4"
