// Specification 1.2.5, "Match-action unit invocation": hit and miss say whether an entry was
// found, whatever action ran, also within larger expressions.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> result; bit<8> stored; bit<8> combined; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action mark() {}
    table first {
        key = { h.x.a : exact; }
        actions = { mark; }
        const default_action = mark();
        const entries = { 1 : mark(); 2 : mark(); }
    }
    table second {
        key = { h.x.a : exact; }
        actions = { mark; NoAction; }
        default_action = NoAction();
        const entries = { 2 : mark(); 3 : NoAction(); }
    }
    table third {
        key = { h.x.a : exact; }
        actions = { mark; NoAction; }
        const entries = { 2 : mark(); }
    }
    apply {
        if (first.apply().hit) {
            h.x.result = 1;
        } else {
            h.x.result = 2;
        }
        bool missed = second.apply().miss;
        h.x.stored = missed ? 8w1 : 8w2;
        if (h.x.a != 2 || third.apply().miss) { h.x.combined = 1; }
    }
}

#include "parts/end.p4"
