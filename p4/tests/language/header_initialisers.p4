// Specification 1.2.5, "Operations on headers": a header that is given a list is valid, {#} makes
// it invalid, and an assignment copies validity.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> equals_invalid;
}

header y_t { bit<8> first; bit<8> second; }
struct headers { x_t x; y_t y; y_t z; y_t w; }
struct metadata {}

INGRESS {
    apply {
        h.y = { 1, 2 };
        h.z = { second = 4, first = h.x.a };
        if (h.x.a == 1) { h.y = {#}; }
        if (h.x.a == 2) { h.z = h.w; }
        if (h.x.a == 3) { h.w = (y_t){ 5, 6 }; }
        if (h.y == {#}) { h.x.equals_invalid = 1; }
    }
}

#include "parts/end.p4"
