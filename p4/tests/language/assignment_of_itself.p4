// Specification 1.2.5, "Assignment statement": the right side is evaluated whole before anything
// is assigned, so that a value can be made of parts of the one that it replaces.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; }
header y_t { bit<8> v; bit<8> w; }
struct pair_t { bit<8> first; bit<8> second; }
struct headers { x_t x; y_t y; y_t[3] stack; }
struct metadata { pair_t pair; }

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.y);
        p.extract(h.stack.next);
        p.extract(h.stack.next);
        transition accept;
    }
}

INGRESS {
    apply {
        m.pair = { h.x.a, h.x.b };
        m.pair = { m.pair.second, m.pair.first };
        h.x = { m.pair.first, m.pair.second };
        h.y = { w = h.y.v, v = h.y.w };
        h.stack = { h.stack[1], h.stack[2], h.stack[0] };
        tuple<bit<8>, bit<8>> t = { 1, 2 };
        t = { t[1], t[0] };
        h.x.b[7:4] = h.x.b[3:0];
        if (t[0] != 2 || t[1] != 1) { h.x.b = 0xff; }
    }
}

#include "parts/end.p4"
