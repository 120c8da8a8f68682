// Specification 1.2.5, "Variable-width extraction" and "Operations on variable-size bit types":
// the field gets the bits that are asked for, keeps its size when it is copied, and is emitted
// with it; more than fit give error.HeaderTooShort, more than there are error.PacketTooShort.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> size; bit<8> err; bit<8> equal; }
header v_t { bit<4> before; varbit<32> data; bit<4> after; }
struct headers { x_t x; v_t v; v_t copy; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.v, (bit<32>)h.x.size * 8);
        transition accept;
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.PacketTooShort) { h.x.err = 1; }
        if (s.parser_error == error.HeaderTooShort) { h.x.err = 2; }
        if (h.v.isValid()) {
            h.copy.setValid();
            h.copy.before = 0xb;
            h.copy.after = 0xa;
            h.copy.data = h.v.data;
            if (h.copy.data == h.v.data) { h.x.equal = 1; }
            h.copy.after = h.v.after;
        }
        if (h.x.size == 4) {
            h.copy = h.v;
            if (h.copy == h.v) { h.x.equal = h.x.equal | 2; }
        }
    }
}

#include "parts/end.p4"
