// A label that is there twice.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; none; }
    }
    apply {
        switch (t.apply().action_run) {
            none: { h.x.a = 1; }
            none: { h.x.a = 2; }
        }
    }
}

#include "parts/end.p4"
