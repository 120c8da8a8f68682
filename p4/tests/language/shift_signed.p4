// Specification 1.2.5, "Operations on fixed-width signed integers": right shifts of signed values
// are arithmetic; shifting a negative value right by its width or more gives all ones; a left
// shift may change the sign.
#include "parts/begin.p4"

header x_t {
    int<8> a;
    bit<8> by;
    int<8> left;
    int<8> right;
    int<8> right_100;
    int<8> left_8;
    int<128> wide;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.left = h.x.a << h.x.by;
        h.x.right = h.x.a >> h.x.by;
        h.x.right_100 = h.x.a >> 100;
        h.x.left_8 = h.x.a << 8;
        h.x.wide = h.x.wide >> h.x.by;
    }
}

#include "parts/end.p4"
