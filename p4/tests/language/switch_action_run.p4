// Specification 1.2.5, "Switch statement with action_run expression": labels are actions, also
// when they ran by default; one without block falls through; default is for the others.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> result; bit<8> without_default; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action a1() {}
    action a2() {}
    action a3() {}
    action a4() {}
    table t {
        key = { h.x.a : exact; }
        actions = { a1; a2; a3; a4; }
        const default_action = a3();
        const entries = {
            1 : a1();
            2 : a2();
            3 : a3();
            4 : a4();
        }
    }
    action b1() {}
    action b2(bit<8> v) { h.x.without_default = v; }
    table u {
        key = { h.x.a : exact; }
        actions = { b1; b2; NoAction; }
        const entries = {
            1 : b1();
            2 : b2(2);
        }
    }
    apply {
        switch (t.apply().action_run) {
            a1:
            a2: { h.x.result = 0x10; }
            a3: { h.x.result = 0x20; }
            default: { h.x.result = 0x30; }
        }
        switch (u.apply().action_run) {
            b2: { h.x.without_default = h.x.without_default + 0x40; }
            b1:
        }
    }
}

#include "parts/end.p4"
