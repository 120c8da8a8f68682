// Specification 1.2.5, "Calling convention: call by copy in/copy out": results are copied out from
// left to right when the callee ends, to the places that the arguments were at the call.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> c; bit<8> i; bit<8> nibbles; }
header e_t { bit<8> v; }
struct headers { x_t x; e_t[2] stack; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.stack.next);
        p.extract(h.stack.next);
        transition accept;
    }
}

void both(inout bit<8> x, inout bit<8> y) {
    x = x + 1;
    y = y + 0x10;
}

void set_and_move(inout bit<8> v, inout bit<8> i) {
    v = v + 0x40;
    i = 1 - i;
}

void outs(out bit<4> high, out bit<4> low) {
    high = 1;
    low = 2;
}

INGRESS {
    bit<8> shared;
    action aside(inout bit<8> x) {
        shared = 0x50;
        x = x + 1;
    }
    apply {
        both(h.x.a, h.x.a);
        shared = h.x.b;
        aside(shared);
        h.x.b = shared;
        aside(h.x.c);
        set_and_move(h.stack[h.x.i].v, h.x.i);
        outs(h.x.nibbles[7:4], h.x.nibbles[5:2]);
    }
}

#include "parts/end.p4"
