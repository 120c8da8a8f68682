// Specification 1.2.5, "Variable-width extraction" and "Operations on header stacks": a stack of
// headers of variable size, as of options; each element keeps its own size where it is moved,
// copied and compared.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> count; bit<8> equal; bit<8> err; }
header option_t { bit<8> kind; bit<8> size; varbit<256> value; }
struct start_t { bit<8> kind; bit<8> size; }
struct headers { x_t x; option_t[4] options; }
struct metadata {}

PARSER {
    bit<8> left;
    state start {
        p.extract(h.x);
        left = h.x.count;
        transition next;
    }
    state next {
        transition select(left) {
            0: accept;
            default: option;
        }
    }
    state option {
        start_t begin = p.lookahead<start_t>();
        p.extract(h.options.next, (bit<32>)begin.size << 3);
        left = left - 1;
        transition next;
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.HeaderTooShort) { h.x.err = 1; }
        if (s.parser_error == error.PacketTooShort) { h.x.err = 2; }
        if (s.parser_error == error.StackOutOfBounds) { h.x.err = 3; }
        if (h.options[0] == h.options[1]) { h.x.equal = 1; }
        if (h.options[0].value == h.options[1].value) { h.x.equal = h.x.equal | 2; }
        if (h.options[0].kind == 0xee) {
            option_t first = h.options[0];
            h.options.pop_front(1);
            h.options[3] = first;
        }
    }
}

#include "parts/end.p4"
