// Specification 1.2.5, "Integer literals": bases, underscores, and widths with and without sign.
#include "parts/begin.p4"

header x_t {
    bit<8> hexadecimal;
    bit<8> binary;
    bit<8> octal;
    bit<8> decimal;
    bit<8> plain;
    bit<8> with_width;
    bit<16> underscores;
    int<8> signed;
    int<8> negative;
    bit<8> one_bit;
    bit<16> upper;
    bit<128> widest;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.hexadecimal = 0xAb;
        h.x.binary = 0b1010_0101;
        h.x.octal = 0o17;
        h.x.decimal = 0d99;
        h.x.plain = 0123;
        h.x.with_width = 8w0xF0;
        h.x.underscores = 12_345;
        h.x.signed = 8s0b0111_1111;
        h.x.negative = -8s128;
        h.x.one_bit = 7w0 ++ 1w1;
        h.x.upper = 0XBEEF;
        h.x.widest = 128w0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe;
    }
}

#include "parts/end.p4"
