// An entry with a value of another type.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        const entries = { true : set(1); }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
