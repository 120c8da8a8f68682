// Specification 1.2.5, "Notes common to all switch statements": what evaluating the expression
// changes is seen by the case that runs, and it is evaluated once.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> n; bit<8> seen; }
struct headers { x_t x; }
struct metadata {}

bit<8> next(inout bit<8> n) {
    n = n + 1;
    return n;
}

INGRESS {
    action count(inout bit<8> n) { n = n + 0x10; }
    action other() {}
    table t {
        key = { h.x.a : exact; }
        actions = { count(h.x.n); other; }
        default_action = other();
        const entries = { 7 : count(h.x.n); }
    }
    apply {
        switch (next(h.x.n)) {
            1: { h.x.seen = h.x.n; }
            2:
            3: { h.x.seen = h.x.n + 0x20; }
            default: { h.x.seen = 0xff; }
        }
        switch (t.apply().action_run) {
            count: { h.x.seen = h.x.seen + h.x.n; }
        }
    }
}

#include "parts/end.p4"
