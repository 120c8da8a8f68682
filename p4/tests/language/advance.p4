// Specification 1.2.5, "Skipping bits": advance moves on, extract to _ skips a header; what is
// skipped is not emitted; beyond the end there is error.PacketTooShort and nothing is skipped.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> kind; bit<8> bits; bit<8> err; }
header y_t { bit<8> v; }
header skipped_t { bit<16> v; }
struct headers { x_t x; y_t y; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.kind) {
            0: skip_bits;
            1: skip_header;
        }
    }
    state skip_bits {
        p.advance((bit<32>)h.x.bits);
        p.extract(h.y);
        transition accept;
    }
    state skip_header {
        p.extract<skipped_t>(_);
        p.extract(h.y);
        transition accept;
    }
}

INGRESS {
    apply {
        if (s.parser_error == error.PacketTooShort) { h.x.err = 1; }
        if (s.parser_error == error.NoMatch) { h.x.err = 2; }
    }
}

#include "parts/end.p4"
