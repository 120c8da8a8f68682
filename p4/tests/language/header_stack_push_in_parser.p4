// Specification 1.2.5, "Operations on header stacks": push_front and pop_front move next and last,
// also in a parser.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> what; bit<8> last_index; }
header e_t { bit<8> v; }
struct headers { x_t x; e_t[3] stack; }
struct metadata { bit<8> last_index; }

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.stack.next);
        p.extract(h.stack.next);
        transition select(h.x.what) {
            0: pop;
            1: push;
        }
    }
    state pop {
        h.stack.pop_front(1);
        transition one_more;
    }
    state push {
        h.stack.push_front(1);
        transition accept;
    }
    state one_more {
        p.extract(h.stack.next);
        m.last_index = (bit<8>)h.stack.lastIndex;
        transition accept;
    }
}

INGRESS {
    apply {
        h.x.last_index = m.last_index;
        if (h.x.what == 1) { h.stack[0] = { 0xee }; }
    }
}

#include "parts/end.p4"
