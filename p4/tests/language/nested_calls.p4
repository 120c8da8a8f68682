// Specification 1.2.5, "Calling convention": each call has arguments of its own, also where a
// function is called in the arguments of itself, or twice in one expression.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> in_second_argument;
    bit<8> in_first_argument;
    bit<8> twice;
    bit<8> in_both;
    bit<8> through_another;
    bit<8> in_action_argument;
    bit<8> with_struct;
    bit<8> in_index;
}
struct pair_t { bit<8> first; bit<8> second; }
struct headers { x_t x; }
struct metadata {}

bit<8> subtract(in bit<8> left, in bit<8> right) {
    bit<8> difference = left - right;
    return difference;
}

bit<8> negated(in bit<8> v) {
    return subtract(0, v);
}

pair_t exchanged(in pair_t p) {
    return { p.second, p.first };
}

bit<8> increased(inout bit<8> v) {
    v = v + 1;
    return v;
}

INGRESS {
    action store(in bit<8> v, in bit<8> w, out bit<8> to) { to = subtract(v, w); }
    apply {
        h.x.in_second_argument = subtract(h.x.a, subtract(5, 2));
        h.x.in_first_argument = subtract(subtract(h.x.a, 2), 3);
        h.x.twice = subtract(h.x.a, 1) + subtract(20, h.x.a);
        h.x.in_both = subtract(subtract(h.x.a, 1), subtract(h.x.a, subtract(3, 1)));
        h.x.through_another = subtract(negated(1), negated(h.x.a));
        store(subtract(h.x.a, 1), subtract(2, 1), h.x.in_action_argument);
        h.x.with_struct = exchanged(exchanged({ subtract(9, 1), negated(h.x.a) })).first;
        bit<8> n = h.x.a;
        h.x.in_index = subtract(increased(n), subtract(increased(n), increased(n)));
    }
}

#include "parts/end.p4"
