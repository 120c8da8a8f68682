// Not supported: the property support_timeout.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        support_timeout = true;
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
