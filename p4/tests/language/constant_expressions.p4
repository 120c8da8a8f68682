// Specification 1.2.5, "Operations on arbitrary-precision integers": int is computed without loss,
// with division and modulo of what is not negative, and may say a width.
#include "parts/begin.p4"

header x_t {
    bit<8> big;
    bit<8> quotient;
    bit<8> remainder;
    bit<16> product;
    bit<8> floor;
    bit<8> slice;
    bit<8> wide;
    bit<8> chosen;
    int<16> negative;
    bit<8> fixed;
    bool greater;
    bit<7> pad;
}

const int N = 7;
const int BIG = 1 << 100;
const int HEX = 0x12345678;
const bit<(N + 1)> WIDE = 0xff - N;
const bit<8> FIXED = (8w200 + 8w100) << 1;

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.big = (BIG >> 96) + 1;
        h.x.quotient = 100 / N;
        h.x.remainder = 100 % N;
        h.x.product = 300 * 300;
        h.x.floor = -N >> 1;
        h.x.slice = HEX[11:4];
        h.x.wide = WIDE;
        h.x.chosen = N == 7 ? 8w1 : 8w2;
        h.x.negative = 3 - 1000 * N;
        h.x.fixed = FIXED;
        h.x.greater = BIG > N && -N < 0;
    }
}

#include "parts/end.p4"
