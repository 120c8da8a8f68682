// Specification 1.2.5, "Operations on fixed-width bit types": a slice [H:L] has H - L + 1 bits and
// is unsigned, also of a signed value; a slice of a slice counts from the inner one.
#include "parts/begin.p4"

header x_t {
    bit<16> a;
    int<8> i;
    bit<8> high;
    bit<8> low;
    bit<1> top;
    bit<1> bottom;
    bit<6> middle;
    bit<8> signed_high;
    bit<4> of_slice;
    bit<4> of_sum;
    bit<128> wide;
    bit<8> of_wide;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        h.x.high = h.x.a[15:8];
        h.x.low = h.x.a[7:0];
        h.x.top = h.x.a[15:15];
        h.x.bottom = h.x.a[0:0];
        h.x.middle = h.x.a[10:5];
        // no sign is extended: the slice is a bit<4>
        h.x.signed_high = (bit<8>)h.x.i[7:4];
        h.x.of_slice = h.x.a[11:4][5:2];
        h.x.of_sum = (h.x.a + 1)[3:0];
        h.x.of_wide = h.x.wide[67:60];
    }
}

#include "parts/end.p4"
