// A mask that is no prefix for an lpm key.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : lpm; }
        actions = { set; }
        const entries = { 0x11 &&& 0x33 : set(1); }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
