// Specification 1.2.5, "Deparsing": a deparser is a control, which may have variables and
// conditions.
#define OWN_DEPARSER
#include "parts/begin.p4"

header x_t { bit<8> what; bit<8> v; }
struct headers { x_t x; }
struct metadata {}

INGRESS { apply {} }

DEPARSER {
    apply {
        x_t copy = h.x;
        copy.v = copy.v + 1;
        if (h.x.what == 1) {
            p.emit(h.x);
        } else if (h.x.what == 2) {
            p.emit(copy);
        }
    }
}

#include "parts/end.p4"
