// Specification 1.2.5, "Expression evaluation order" and "Calling convention": operands and
// arguments are evaluated from left to right, and a value that was evaluated does not change any
// more.
#include "parts/begin.p4"

header x_t {
    bit<8> difference;
    bit<8> left_first;
    bit<8> spec_f;
    bit<16> concatenated;
    bit<8> arguments;
    bit<8> list_first;
    bit<8> list_second;
    bit<8> compared;
    bit<8> assigned;
    bit<8> field_of_list;
    bit<8> after_list;
}

struct pair_t { bit<8> first; bit<8> second; }

bit<8> next(inout bit<8> n) {
    n = n + 1;
    return n;
}

bit<8> double(inout bit<8> n) {
    n = n * 2;
    return n;
}

void f(inout bit<8> x, in bit<8> y) {
    x = x + y;
}

bit<8> subtract(in bit<8> x, in bit<8> y) {
    return x - y;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        bit<8> n = 0;
        h.x.difference = next(n) - next(n);
        n = 0;
        h.x.left_first = n + next(n);
        n = 3;
        f(n, double(n));
        h.x.spec_f = n;
        n = 0;
        h.x.concatenated = next(n) ++ next(n);
        n = 0;
        h.x.arguments = subtract(next(n), next(n));
        n = 0;
        pair_t pair = { next(n), next(n) };
        h.x.list_first = pair.first;
        h.x.list_second = pair.second;
        n = 0;
        if (n < next(n)) { h.x.compared = 1; }
        n = 5;
        n = n + next(n);
        h.x.assigned = n;
        // the fields that are not asked for are evaluated as well
        n = 0;
        h.x.field_of_list = ((pair_t){ next(n), next(n) }).first;
        h.x.after_list = n;
    }
}

#include "parts/end.p4"
