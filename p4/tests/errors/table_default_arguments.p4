// A default action without its arguments.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        default_action = set();
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
