// A header as a key.
#include "include/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.y : exact; }
        actions = { set; }
    }
    apply {
        t.apply();
    }
}

#include "include/end.p4"
