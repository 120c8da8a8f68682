// Specification 1.2.5, "Calling convention: call by copy in/copy out": the value of each argument
// is saved before the next is evaluated, also for a control or parser that is applied only once,
// and what the callee makes of it overwrites what the other arguments changed.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t {
    bit<8> n;
    bit<8> parser_before;
    bit<8> parser_after;
    bit<8> before;
    bit<8> after;
    bit<8> changed;
    bit<8> before_table;
    bit<8> hit;
    bit<8> set;
}
struct headers { x_t x; }
struct metadata {}

bit<8> next(inout bit<8> n) {
    n = n + 1;
    return n;
}

parser SubReads(packet_in p, in bit<8> x, in bit<8> y, out bit<8> first, out bit<8> second) {
    state start {
        first = x;
        second = y;
        transition accept;
    }
}

PARSER {
    SubReads() sub;
    state start {
        p.extract(h.x);
        sub.apply(p, h.x.n, next(h.x.n), h.x.parser_before, h.x.parser_after);
        transition accept;
    }
}

control Reads(in bit<8> x, in bit<8> y, out bit<8> first, out bit<8> second) {
    apply {
        first = x;
        second = y;
    }
}

control Adds(inout bit<8> x, in bit<8> y) {
    apply {
        x = x + y;
    }
}

INGRESS {
    action change() {
        h.x.changed = 0x40;
    }
    action set() {
        h.x.set = 0x70;
    }
    table t {
        actions = { change; }
        default_action = change();
    }
    table u {
        actions = { set; }
        default_action = set();
    }
    Reads() values;
    Adds() adds;
    Reads() values_of_table;
    apply {
        values.apply(h.x.n, next(h.x.n), h.x.before, h.x.after);
        adds.apply(h.x.changed, t.apply().hit ? 8w1 : 8w2);
        values_of_table.apply(h.x.set, u.apply().hit ? 8w1 : 8w2, h.x.before_table, h.x.hit);
    }
}

#include "parts/end.p4"
