// Entries of a table without key.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        actions = { set; }
        const entries = { 1 : set(1); }
    }
    apply {
        t.apply();
    }
}

#include "parts/end.p4"
