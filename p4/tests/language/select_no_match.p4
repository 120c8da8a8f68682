// Specification 1.2.5, "Select expressions": a value that no case holds rejects with
// error.NoMatch.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> err; }
struct headers { x_t x; x_t y; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.a) {
            1: accept;
            2: reject;
            3: more;
        }
    }
    state more {
        p.extract(h.y);
        transition accept;
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.NoMatch) { h.x.err = 1; }
        if (s.parser_error == error.NoError) { h.x.err = 2; }
    }
}

#include "parts/end.p4"
