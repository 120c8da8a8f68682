// A table applied in an action.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
    }
    action a() { t.apply(); }
    apply {
        a();
    }
}

#include "parts/end.p4"
