// A size that is not constant.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        size = h.x.b;
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
