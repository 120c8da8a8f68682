// A table applied in the argument of an action.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { none; }
    }
    action b(in bool v) {}
    table u {
        key = { h.x.a : exact; }
        actions = { b(t.apply().hit); }
    }
    apply {
        u.apply();
    }
}

#include "parts/end.p4"
