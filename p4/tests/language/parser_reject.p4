// Specification 1.2.5, "Transition statements", and v1model: a state without transition rejects; a
// rejected packet goes on to ingress, with the headers extracted so far.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> err; }
header y_t { bit<8> v; }
struct headers { x_t x; y_t y; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.a) {
            1: no_transition;
            2: reject;
            default: accept;
        }
    }
    state no_transition {
        p.extract(h.y);
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.NoError) { h.x.err = 1; }
        if (h.y.isValid()) { h.y.v = 0xff; }
    }
}

#include "parts/end.p4"
