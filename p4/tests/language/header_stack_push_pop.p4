// Specification 1.2.5, "Operations on header stacks": push_front makes the first elements invalid
// and loses the last ones; pop_front moves the others to the front; neither shifts by more than
// the size, and invalid elements move like valid ones.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> what; }
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

INGRESS {
    apply {
        if (h.x.what == 1) {
            h.stack.push_front(1);
        } else if (h.x.what == 2) {
            h.stack.push_front(2);
        } else if (h.x.what == 3) {
            h.stack.pop_front(1);
        } else if (h.x.what == 4) {
            h.stack.pop_front(3);
        } else if (h.x.what == 5) {
            h.stack.push_front(1);
            h.stack[0] = { 0xee };
        } else if (h.x.what == 6) {
            h.stack[0].setInvalid();
            h.stack.push_front(1);
            h.stack[0] = { 0xee };
        } else if (h.x.what == 7) {
            h.stack.push_front(4);
        } else if (h.x.what == 8) {
            h.stack.pop_front(4);
            h.stack[3] = { 0x99 };
        } else if (h.x.what == 9) {
            h.stack.pop_front(2);
            h.stack.push_front(3);
        }
    }
}

#include "parts/end.p4"
