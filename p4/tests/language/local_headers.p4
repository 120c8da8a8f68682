// Specification 1.2.5, "Variables": a header that is declared is invalid, each time that its
// declaration is executed, in a state that is entered again, an action that is called again and a
// block.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> count; bit<8> in_parser; bit<8> in_action; bit<8> in_control; }
header y_t { bit<8> v; }
struct pair_t { y_t y; y_t[2] stack; }
struct headers { x_t x; }
struct metadata { bit<8> seen; }

PARSER {
    bit<8> left;
    state start {
        p.extract(h.x);
        left = h.x.count;
        transition next;
    }
    state next {
        pair_t local;
        if (local.y.isValid() || local.stack[0].isValid()) { m.seen = m.seen + 1; }
        local.y.setValid();
        p.extract(local.stack.next);
        left = left - 1;
        transition select(left) {
            0: accept;
            _: next;
        }
    }
}

control Count(inout bit<8> seen) {
    y_t local;
    apply {
        if (local.isValid()) { seen = seen + 1; }
        local = { 1 };
        y_t[2] inner;
        if (inner[1].isValid()) { seen = seen + 0x10; }
        inner[1] = local;
    }
}

INGRESS {
    Count() count;
    action look(inout bit<8> seen) {
        y_t local;
        if (local.isValid()) { seen = seen + 1; }
        local.setValid();
    }
    apply {
        h.x.in_parser = m.seen;
        look(h.x.in_action);
        look(h.x.in_action);
        count.apply(h.x.in_control);
        count.apply(h.x.in_control);
    }
}

#include "parts/end.p4"
