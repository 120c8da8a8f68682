// A label that is no action of the table.
#include "parts/begin.p4"

INGRESS {
    action set(bit<8> v) { h.x.a = v; }
    action none() {}
    table t {
        key = { h.x.a : exact; }
        actions = { set; }
    }
    apply {
        switch (t.apply().action_run) {
            none: { h.x.a = 1; }
        }
    }
}

#include "parts/end.p4"
