// Specification 1.2.5, "Fixed-width extraction": a packet that ends before the header gives
// error.PacketTooShort, the header stays invalid, nothing is consumed, and v1model goes on with
// ingress.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<16> a; }
header y_t { bit<16> v; }
struct headers { x_t x; y_t y; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.y);
        transition accept;
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.PacketTooShort) { s.egress_spec = 1; }
        if (!h.x.isValid()) { s.egress_spec = 2; }
        if (h.y.isValid()) { h.y.v = 0xffff; }
    }
}

#include "parts/end.p4"
