// Specification 1.2.5, "Fixed-width extraction": a header may begin and end within a byte; the
// first bit of the packet is the highest of the first field.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> seen; }
header nibble_t { bit<4> v; }
header flag_t { bool on; }
header seven_t { bit<7> v; }
header wide_t { bit<3> a; bit<128> b; bit<5> c; }
struct headers { x_t x; nibble_t first; nibble_t second; flag_t flag; wide_t wide; seven_t seven; }
struct metadata { bit<8> seen; }

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.first);
        m.seen = p.lookahead<bit<8>>();
        p.extract(h.second);
        p.extract(h.flag);
        p.extract(h.wide);
        p.extract(h.seven);
        transition accept;
    }
}

INGRESS {
    apply {
        h.x.seen = m.seen;
        nibble_t old = h.first;
        h.first = h.second;
        h.second = old;
        h.flag.on = !h.flag.on;
        h.wide.b = h.wide.b + 1;
        h.wide.c = ~h.wide.c;
        h.seven.v = h.seven.v - 1;
    }
}

#include "parts/end.p4"
