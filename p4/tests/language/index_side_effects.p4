// Specification 1.2.5, "Assignment statement" and "Calling convention": an index in a place is
// evaluated once, before what is assigned and in the order of the arguments, also if it calls
// functions.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> n; bit<8> sum; }
header e_t { bit<8> v; }
struct headers { x_t x; e_t[4] stack; }
struct metadata {}

PARSER {
    bit<8> at = 3;
    state start {
        p.extract(h.x);
        p.extract(h.stack[at]);
        at = at - 1;
        transition select(at) {
            0xff: accept;
            default: more;
        }
    }
    state more {
        p.extract(h.stack[at]);
        at = at - 1;
        transition select(at) {
            0xff: accept;
            default: more;
        }
    }
}

bit<8> next(inout bit<8> n) {
    n = n + 1;
    return n;
}

bit<8> zero(inout bit<8> v) {
    v = v + 0x10;
    return 0;
}

bit<8> same(in bit<8> v) {
    return v;
}

void add(inout bit<8> v, inout bit<8> w) {
    v = v + 1;
    w = w + 2;
}

INGRESS {
    apply {
        bit<8> n = h.x.n;
        h.stack[next(n)].v = n;
        h.stack[next(n)].v[3:0] = (bit<4>)next(n);
        h.x.n = n;
        n = 0;
        add(h.stack[next(n)].v, h.stack[next(n)].v);
        h.stack[zero(h.stack[same(3)].v)].v = 0x77;
        n = 0;
        h.x.sum = h.stack[next(n)].v + h.stack[next(n)].v + h.stack[same(next(n))].v;
    }
}

#include "parts/end.p4"
