// Action data that is bound in the list.
#include "include/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set(1); }
    }
    apply {
        t.apply();
    }
}

#include "include/end.p4"
