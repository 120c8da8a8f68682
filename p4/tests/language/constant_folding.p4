// Specification 1.2.5, "Compile-time known values": operators give the same for constants as for
// values of packets.
#include "parts/begin.p4"

header x_t {
    bit<8> add;
    bit<8> subtract;
    bit<8> multiply;
    bit<8> negate;
    int<8> signed_add;
    int<8> signed_negate;
    bit<8> saturating_add;
    bit<8> saturating_subtract;
    int<8> signed_saturating_add;
    int<8> signed_saturating_subtract;
    bit<8> shift_out;
    int<8> signed_shift_right;
    int<8> signed_shift_far;
    bit<8> shift_by_much;
    bit<8> complement;
    bit<8> concatenation;
    bit<8> slice;
    int<16> sign_extended;
    bit<16> zero_extended;
    int<128> least;
    bit<128> most;
    bit<8> flags;
}
struct headers { x_t x; }
struct metadata {}

const bit<8> ADD = 8w200 + 8w100;
const bit<8> SUBTRACT = 8w1 - 8w2;
const bit<8> MULTIPLY = 8w200 * 8w2;
const bit<8> NEGATE = -8w1;
const int<8> SIGNED_ADD = 8s127 + 8s1;
const int<8> SIGNED_NEGATE = -(-8s128);
const bit<8> SATURATING_ADD = 8w250 |+| 8w10;
const bit<8> SATURATING_SUBTRACT = 8w1 |-| 8w2;
const int<8> SIGNED_SATURATING_ADD = 8s100 |+| 8s100;
const int<8> SIGNED_SATURATING_SUBTRACT = -8s100 |-| 8s100;
const int<128> LEAST = -128s1 << 127;
const bit<128> MOST = 128w0 - 1;
const bool LESS = -8s1 < 8s0;
const bool UNSIGNED_LESS = 8w255 < 8w0;
const bool BOTH = LESS && !UNSIGNED_LESS;
const bool EQUAL = (4w15 == 4w0 - 1) && 4s15 == -4s1;
const bool ORDER = LEAST < -128s1 && MOST > 128w1;

INGRESS {
    apply {
        h.x.add = ADD;
        h.x.subtract = SUBTRACT;
        h.x.multiply = MULTIPLY;
        h.x.negate = NEGATE;
        h.x.signed_add = SIGNED_ADD;
        h.x.signed_negate = SIGNED_NEGATE;
        h.x.saturating_add = SATURATING_ADD;
        h.x.saturating_subtract = SATURATING_SUBTRACT;
        h.x.signed_saturating_add = SIGNED_SATURATING_ADD;
        h.x.signed_saturating_subtract = SIGNED_SATURATING_SUBTRACT;
        h.x.shift_out = 8w1 << 8;
        h.x.signed_shift_right = -8s5 >> 1;
        h.x.signed_shift_far = -8s1 >> 100;
        h.x.shift_by_much = 8w255 >> 128w0xffffffffffffffffffffffffffffffff;
        h.x.complement = ~8w0xf0;
        h.x.concatenation = 4w0xa ++ 4s0b0111;
        h.x.slice = 16w0xabcd[11:4];
        h.x.sign_extended = (int<16>)(-8s2);
        h.x.zero_extended = (bit<16>)(bit<8>)(-8s2);
        h.x.least = LEAST;
        h.x.most = MOST;
        h.x.flags = (bit<1>)LESS ++ (bit<1>)UNSIGNED_LESS ++ (bit<1>)BOTH ++ (bit<1>)EQUAL
            ++ (bit<1>)ORDER ++ (bit<1>)(true == (1 < 2)) ++ (true ? 1w1 : 1w0) ++ 1w0;
    }
}

#include "parts/end.p4"
