// Specification 1.2.5, "Header stack expressions": a list of headers makes a stack.
#include "parts/begin.p4"

header x_t { bit<8> a; }
header e_t { bit<8> v; bit<8> w; }
struct headers { x_t x; e_t[3] stack; }
struct metadata {}

INGRESS {
    apply {
        if (h.x.a == 1) {
            h.stack = { { 1, 2 }, (e_t){#}, { w = 4, v = h.x.a } };
        }
        if (h.x.a == 2) {
            h.stack = (e_t[3]){ { 5, 6 }, { 7, 8 }, { 9, h.x.a } };
        }
    }
}

#include "parts/end.p4"
