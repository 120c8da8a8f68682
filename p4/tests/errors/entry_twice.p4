// Two entries of one exact key.
#include "include/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        const entries = {
            1 : set(1);
            1 : set(2);
        }
    }
    apply {
        t.apply();
    }
}

#include "include/end.p4"
