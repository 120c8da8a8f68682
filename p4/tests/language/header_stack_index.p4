// Specification 1.2.5, "Operations on header stacks": elements by constant and by computed index,
// stacks assigned and compared whole.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> i; bit<8> read; bit<8> equal; }
header e_t { bit<8> v; }
struct headers { x_t x; e_t[3] stack; e_t[3] other; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.stack.next);
        p.extract(h.stack.next);
        p.extract(h.stack.next);
        transition accept;
    }
}

INGRESS {
    apply {
        if (h.x.i < 3) { h.x.read = h.stack[h.x.i].v; }
        e_t[3] copy = h.stack;
        if (copy == h.stack) { h.x.equal = 1; }
        // an index beyond the end writes nothing that is there
        h.stack[h.x.i].v = 0x77;
        if (copy == h.stack) { h.x.equal = h.x.equal | 2; }
        if (h.x.i == 1) {
            h.other = copy;
            h.other[0].setInvalid();
        }
        if (h.x.i == 2) { h.stack[(bit<32>)h.x.i - 1].setInvalid(); }
    }
}

#include "parts/end.p4"
