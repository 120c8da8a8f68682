// A range for a ternary key.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : ternary; }
        actions = { set; }
        const entries = { 1 .. 3 : set(1); }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
