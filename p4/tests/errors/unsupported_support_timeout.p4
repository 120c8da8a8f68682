// Not supported: the property support_timeout.
#include "include/begin.p4"

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

#include "include/end.p4"
