// Specification 1.2.5, "Explicit casts": between bit and int of one width the bits stay; to
// another width of the same kind they are cut, or extended by zeros or by the sign; both at once
// needs two casts.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    int<8> i;
    bit<16> bit_to_wider_bit;
    int<16> int_to_wider_int;
    bit<4> bit_to_narrower_bit;
    int<4> int_to_narrower_int;
    int<8> bit_to_int;
    bit<8> int_to_bit;
    int<16> extended_as_signed;
    int<16> extended_as_unsigned;
    bit<16> sign_then_bit;
    bit<128> int_to_128;
    bit<8> same;
}

typedef bit<8> byte_t;

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.bit_to_wider_bit = (bit<16>)h.x.a;
        h.x.int_to_wider_int = (int<16>)h.x.i;
        h.x.bit_to_narrower_bit = (bit<4>)h.x.a;
        h.x.int_to_narrower_int = (int<4>)h.x.i;
        h.x.bit_to_int = (int<8>)h.x.a;
        h.x.int_to_bit = (bit<8>)h.x.i;
        h.x.extended_as_signed = (int<16>)(int<8>)h.x.a;
        h.x.extended_as_unsigned = (int<16>)(bit<16>)h.x.a;
        h.x.sign_then_bit = (bit<16>)(int<16>)h.x.i;
        h.x.int_to_128 = (bit<128>)(int<128>)h.x.i;
        h.x.same = (byte_t)(bit<8>)(byte_t)h.x.a;
    }
}

#include "parts/end.p4"
