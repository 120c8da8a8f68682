// Specification 1.2.5, "Expression evaluation order": a table within && or || is applied only if
// its operand is evaluated.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> applied; bit<8> result; }
struct headers { x_t x; }
struct metadata {}

INGRESS {
    action first(bit<8> v) { h.x.applied = h.x.applied | v; }
    action second(bit<8> v) { h.x.applied = h.x.applied | v; }
    table t {
        key = { h.x.a : exact; }
        actions = { first; }
        default_action = first(1);
        const entries = { 1 : first(2); 2 : first(2); }
    }
    table u {
        key = { h.x.a : exact; }
        actions = { second; }
        default_action = second(0x10);
        const entries = { 2 : second(0x20); 3 : second(0x20); }
    }
    apply {
        if (h.x.a[7:7] == 1 || t.apply().hit && !u.apply().miss) {
            h.x.result = 1;
        } else {
            h.x.result = 2;
        }
    }
}

#include "parts/end.p4"
