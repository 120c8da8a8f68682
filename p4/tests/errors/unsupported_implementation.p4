// Not supported: the property implementation.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
        implementation = action_profile(32);
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
