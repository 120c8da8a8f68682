// Specification 1.2.5, "Exit statement": an action that is called by an action exits both, and the
// parameters of both are copied out, from the inner to the outer.
#include "parts/begin.p4"

header x_t { bit<8> what; bit<8> v; bit<8> w; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action inner(inout bit<8> v, out bit<8> w) {
        v = v + 1;
        w = 0x33;
        if (h.x.what == 1) { exit; }
        v = v + 0x10;
    }
    action outer(inout bit<8> v) {
        v = v + 2;
        inner(v, h.x.w);
        v = v + 0x40;
    }
    apply {
        outer(h.x.v);
        h.x.what = 0xff;
    }
}

#include "parts/end.p4"
