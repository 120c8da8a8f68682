// Specification 1.2.5, "Operations on header stacks": next of a full stack and last of an empty
// one reject with error.StackOutOfBounds; what was extracted before stays.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> kind; bit<8> err; }
header e_t { bit<8> more; }
struct headers { x_t x; e_t[2] stack; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.kind) {
            0: elements;
            1: last_of_none;
        }
    }
    state elements {
        p.extract(h.stack.next);
        transition select(h.stack.last.more) {
            0: accept;
            _: elements;
        }
    }
    state last_of_none {
        h.x.err = h.stack.last.more;
        transition accept;
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.NoError) { h.x.err = 1; }
        if (s.parser_error == error.StackOutOfBounds) { h.x.err = 2; }
        if (s.parser_error == error.PacketTooShort) { h.x.err = 3; }
    }
}

#include "parts/end.p4"
