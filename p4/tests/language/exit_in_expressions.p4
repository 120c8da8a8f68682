// Specification 1.2.5, "Exit statement": if the action of a table exits while an expression is
// evaluated, what the expression is a part of does not happen.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> before; bit<8> chosen; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action leave() { exit; }
    action stay() {}
    table t {
        key = { h.x.a : exact; }
        actions = { leave; stay; }
        default_action = stay();
        const entries = {
            0 : stay();
            1 : leave();
            2 : leave();
            3 : leave();
        }
    }
    apply {
        h.x.before = 1;
        if (h.x.a == 2) {
            bool hit = t.apply().hit;
            h.x.chosen = 5;
        } else if (h.x.a == 3) {
            switch (t.apply().action_run) {
                leave: { h.x.chosen = 6; }
                default: { h.x.chosen = 7; }
            }
        } else if (t.apply().hit) {
            h.x.chosen = 1;
        } else {
            h.x.chosen = 2;
        }
        h.x.before = 2;
    }
}

#include "parts/end.p4"
