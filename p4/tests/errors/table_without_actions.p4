// A table without actions.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
