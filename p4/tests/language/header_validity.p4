// Specification 1.2.5, "Operations on headers" and "Reading uninitialized values and writing
// fields of invalid headers": writing a field of an invalid header does not make it valid and
// changes nothing else; one that is set valid is emitted; one that is set invalid is not.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> seen;
}

header y_t { bit<8> v; }
struct headers { x_t x; y_t y; y_t z; }
struct metadata {}

INGRESS {
    apply {
        if (h.y.isValid()) { h.x.seen = 1; }
        h.y.v = 0x77;
        if (h.y.isValid()) { h.x.seen = h.x.seen | 2; }
        if (h.x.a == 1) {
            h.y.setValid();
            h.y.v = 0x55;
        }
        if (h.y.isValid()) { h.x.seen = h.x.seen | 4; }
        if (h.x.a == 2) { h.z.setInvalid(); }
        if (h.z.isValid()) { h.x.seen = h.x.seen | 8; }
    }
}

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.z);
        transition accept;
    }
}

#include "parts/end.p4"
