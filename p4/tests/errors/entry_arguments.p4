// An entry without the data of its action.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        const entries = { 1 : set(); }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
