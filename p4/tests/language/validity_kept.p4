// Specification 1.2.5, "Operations on headers": setValid of a valid header changes nothing, and
// neither validity nor fields of one header are those of another.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> what; bit<8> valid; }
header y_t { bit<8> v; }
struct headers { x_t x; y_t y; y_t z; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.y);
        transition accept;
    }
}

control Change(inout y_t y, in bit<8> what) {
    apply {
        if (what == 1) { y.setInvalid(); }
        if (what == 2) { y.setValid(); }
    }
}

INGRESS {
    Change() change;
    apply {
        h.x.setValid();
        change.apply(h.y, h.x.what);
        h.x.valid = (bit<8>)(bit<1>)h.y.isValid();
        h.z = h.y;
        if (h.x.what == 3) { h.y.setInvalid(); }
    }
}

#include "parts/end.p4"
