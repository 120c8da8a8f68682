// Specification 1.2.5, "Invoking controls" and "Parameterization": each instance of a control has
// its own tables and registers, with control-plane names of its own, and its own constructor
// arguments.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> b;
    bit<8> a_before;
    bit<8> b_before;
    bool a_hit;
    bool b_hit;
    bit<6> pad;
}
struct headers { x_t x; }
struct metadata {}

control Step(inout bit<8> v, out bit<8> before, out bool hit)(bit<8> by, bool twice) {
    register<bit<8>>(1) last;
    action set(bit<8> to) { v = to; }
    table exceptions {
        key = { v : exact; }
        actions = { set; NoAction; }
        default_action = NoAction();
    }
    apply {
        last.read(before, 0);
        last.write(0, v);
        hit = exceptions.apply().hit;
        if (!hit) {
            v = v + by;
            if (twice) { v = v + by; }
        }
    }
}

INGRESS {
    Step(1, false) one;
    Step(twice = true, by = 0x10) sixteen;
    apply {
        one.apply(h.x.a, h.x.a_before, h.x.a_hit);
        sixteen.apply(h.x.b, h.x.b_before, h.x.b_hit);
    }
}

#include "parts/end.p4"
