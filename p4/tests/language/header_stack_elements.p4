// Specification 1.2.5, "Operations on header stacks": elements by computed index are copied, set
// valid and invalid, passed and returned like any header.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> from; bit<8> to; bit<8> valid; }
header e_t { bit<8> v; }
struct headers { x_t x; e_t[4] stack; }
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

e_t plus(in e_t e, in bit<8> by) {
    return { e.v + by };
}

control Remove(inout e_t[4] stack, in bit<8> at) {
    apply { stack[at].setInvalid(); }
}

INGRESS {
    Remove() remove;
    apply {
        h.x.valid = (bit<1>)h.stack[h.x.to].isValid() ++ 6w0 ++ (bit<1>)h.stack[h.x.from].isValid();
        h.stack[h.x.to] = h.stack[h.x.from];
        h.stack[h.x.to] = plus(h.stack[h.x.to], 0x10);
        h.stack[3w7 - 5].v = h.stack[3w7 - 5].v | 0x80;
        if (h.x.from != h.x.to) { remove.apply(h.stack, h.x.from); }
    }
}

#include "parts/end.p4"
