// Specification 1.2.5, "Expression evaluation order": && and || evaluate their second operand only
// if the first does not decide.
#include "parts/begin.p4"

header x_t {
    bit<8> a;
    bit<8> b;
    bit<8> and_count;
    bit<8> or_count;
    bit<8> mixed_count;
    bool and;
    bool or;
    bool mixed;
    bit<5> pad;
}

// Counts that it was called, and gives its second argument.
bool touch(inout bit<8> n, in bool result) {
    n = n + 1;
    return result;
}

struct headers { x_t x; }
struct metadata {}

INGRESS {
    apply {
        bit<8> n = 0;
        h.x.and = touch(n, h.x.a == 1) && touch(n, h.x.b == 1);
        h.x.and_count = n;
        n = 0;
        h.x.or = touch(n, h.x.a == 1) || touch(n, h.x.b == 1);
        h.x.or_count = n;
        n = 0;
        h.x.mixed = !touch(n, h.x.a == 1) && touch(n, h.x.b == 1) || touch(n, h.x.a == 1);
        h.x.mixed_count = n;
    }
}

#include "parts/end.p4"
