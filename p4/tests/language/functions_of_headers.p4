// Specification 1.2.5, "Function declarations" and "Operations on headers": functions take and
// give headers with their validity, and a header that a call gives is asked for it.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> result; }
header y_t { bit<8> v; }
struct headers { x_t x; y_t y; y_t z; }
struct metadata {}

const y_t SEVEN = { 7 };

y_t chosen(in bit<8> a, in y_t other) {
    y_t nothing;
    if (a == 1) { return { 0x11 }; }
    if (a == 2) { return nothing; }
    return other;
}

void remove(inout y_t y) { y.setInvalid(); }

INGRESS {
    apply {
        h.y = chosen(h.x.a, h.z);
        if (chosen(h.x.a, SEVEN).isValid()) { h.x.result = chosen(h.x.a, SEVEN).v; }
        if (h.x.a == 4) {
            h.z = SEVEN;
            h.y = chosen(0, h.z);
            remove(h.z);
        }
        if (SEVEN.isValid() && !((y_t){#}).isValid()) { h.x.result = h.x.result | 0x80; }
    }
}

#include "parts/end.p4"
