// An entry with an action that is only the default.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; @defaultonly none; }
        const entries = { 1 : none(); }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
