// Specification 1.2.5, "Exit statement": it ends all that is being executed in ingress; the out
// and inout parameters of the action, the control and all callers are copied out; egress follows.
#define OWN_EGRESS
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> inner;
    bit<8> out_only;
    bit<8> middle;
    bit<8> ingress;
    bit<8> egress;
}
struct headers { x_t x; }
struct metadata {}

control Inner(in bit<8> a, inout bit<8> v, out bit<8> w) {
    action leave(inout bit<8> u) {
        u = u + 1;
        exit;
    }
    action stay() { v = v + 0x10; }
    table t {
        key = { a : exact; }
        actions = { leave(v); stay; }
        const default_action = stay();
        const entries = { 1 : leave(v); }
    }
    apply {
        w = 0x55;
        t.apply();
        v = v + 0x20;
        if (a == 2) { leave(v); }
        w = 0x66;
        if (a == 3) { exit; }
        v = 0xff;
    }
}

control Middle(in bit<8> a, inout bit<8> v, out bit<8> w, inout bit<8> passed) {
    Inner() inner;
    apply {
        passed = 1;
        inner.apply(a, v, w);
        passed = 2;
    }
}

INGRESS {
    Middle() middle;
    apply {
        middle.apply(h.x.a, h.x.inner, h.x.out_only, h.x.middle);
        h.x.ingress = 1;
    }
}

EGRESS {
    apply {
        h.x.egress = 1;
        if (h.x.a == 4) { exit; }
        h.x.egress = 2;
    }
}

#include "parts/end.p4"
