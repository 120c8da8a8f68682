// Specification 1.2.5, "Operations on fixed-width bit types": a shift by the width or more gives
// zero, whatever the type of the right operand.
#include "parts/begin.p4"

header x_t {
    bit<16> a;
    bit<32> by;
    bit<16> left;
    bit<16> right;
    bit<16> left_4;
    bit<16> right_16;
    bit<16> left_1024;
    bit<16> left_0;
    bit<3> narrow;
    bit<5> narrow_left;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.left = h.x.a << h.x.by;
        h.x.right = h.x.a >> h.x.by;
        h.x.left_4 = h.x.a << 4;
        h.x.right_16 = h.x.a >> 16;
        h.x.left_1024 = h.x.a << 1024;
        h.x.left_0 = h.x.a << 0;
        h.x.narrow_left = h.x.narrow_left << h.x.narrow;
    }
}

#include "parts/end.p4"
