// Specification 1.2.5, "Concatenation": the left operand is the most significant, the sign is that
// of the left operand, the widths may differ.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    int<8> i;
    bit<16> bits;
    int<32> left_signed;
    bit<32> left_unsigned;
    bit<16> nibbles;
    bit<24> three;
    bit<16> plus_one;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.bits = h.x.a ++ (bit<8>)h.x.i;
        // int<16>, extended by its sign
        h.x.left_signed = (int<32>)(h.x.i ++ h.x.a);
        // bit<16>, extended by zeros
        h.x.left_unsigned = (bit<32>)(h.x.a ++ h.x.i);
        h.x.nibbles = 4w0xc ++ h.x.a[7:4] ++ h.x.a[3:0] ++ 4w3;
        h.x.three = h.x.a ++ h.x.a ++ h.x.a;
        // as strong as addition, and from left to right
        h.x.plus_one = h.x.a ++ (bit<8>)h.x.i + 1;
    }
}

#include "parts/end.p4"
