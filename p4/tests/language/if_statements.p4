// Specification 1.2.5, "Conditional statement" and "Block statement": else belongs to the nearest
// if, a name in a block hides the outer one, and a block's variable ends with it.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> dangling; bit<8> chain; bit<8> shadowed; bit<8> empty; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        bit<8> v = 1;
        if (h.x.a > 1)
            if (h.x.a > 2)
                h.x.dangling = 1;
            else
                h.x.dangling = 2;
        if (h.x.a == 0) {
            h.x.chain = 1;
        } else if (h.x.a == 1) {
            h.x.chain = 2;
        } else {
            h.x.chain = 3;
        }
        {
            bit<8> v = 0x10;
            v = v + 1;
            h.x.shadowed = v;
        }
        h.x.shadowed = h.x.shadowed + v;
        if (h.x.a == 7) ; else h.x.empty = 1;
        ;
        {}
    }
}

#include "parts/end.p4"
