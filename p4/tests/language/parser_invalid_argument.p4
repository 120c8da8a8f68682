// Specification 1.2.5, "Skipping bits" and "Variable-width extraction": as BMv2, whole bytes are
// skipped or extracted only, other numbers of bits give error.ParserInvalidArgument.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> kind; bit<8> bits; bit<8> err; }
header v_t { varbit<64> data; }
struct headers { x_t x; v_t v; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.kind) {
            0: skip;
            _: variable;
        }
    }
    state skip {
        p.advance((bit<32>)h.x.bits);
        transition accept;
    }
    state variable {
        p.extract(h.v, (bit<32>)h.x.bits);
        transition accept;
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.ParserInvalidArgument) { h.x.err = 1; }
        if (h.v.isValid()) { h.x.err = 2; }
    }
}

#include "parts/end.p4"
