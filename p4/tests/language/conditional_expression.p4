// Specification 1.2.5, "Conditional operator": only the chosen operand is evaluated; the operands
// may be of any type, here also headers.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> n;
    bit<8> chosen;
}

struct headers { x_t x; x_t y; }

// Adds to n, and gives the sum.
bit<8> count(inout bit<8> n, in bit<8> by) {
    n = n + by;
    return n;
}
struct metadata {}

INGRESS {
    apply {
        bit<8> n = 0;
        h.x.chosen = h.x.a == 1 ? count(n, 1)
            : (h.x.a == 2 ? count(n, 0x10) : count(n, 0x80));
        h.x.n = n;
        h.y = h.x.a == 1 ? h.x : h.y;
    }
}

#include "parts/end.p4"
