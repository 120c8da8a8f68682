// Specification 1.2.5, "verify", and v1model: if the condition is false the parser stops with the
// error, what was extracted stays, and ingress sees the error.
#define OWN_PARSER
#include "parts/begin.p4"

error { Zero, Odd }

header x_t { bit<8> a; bit<8> err; }
header y_t { bit<8> v; }
struct headers { x_t x; y_t y; }
struct metadata { bit<8> reached; }

PARSER {
    state start {
        m.reached = 1;
        p.extract(h.x);
        verify(h.x.a != 0, error.Zero);
        m.reached = 2;
        verify(h.x.a[0:0] == 0, error.Odd);
        p.extract(h.y);
        transition accept;
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.NoError) {
            h.x.err = 0x10;
        } else if (s.parser_error == error.Zero) {
            h.x.err = 0x20;
        } else if (s.parser_error == error.Odd) {
            h.x.err = 0x30;
        } else {
            h.x.err = 0x40;
        }
        h.x.err = h.x.err | m.reached;
        if (h.y.isValid()) { s.egress_spec = 1; }
    }
}

#include "parts/end.p4"
