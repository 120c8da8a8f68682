// Specification 1.2.5, "Keys" and "Match-action unit execution semantics": a key is any
// expression, evaluated in the order of the elements, with what the ones before it changed.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> result; bit<8> ordered; }
header y_t { bit<8> v; }
struct headers { x_t x; y_t y; }
struct metadata {}

bit<8> next(inout bit<8> n) {
    n = n + 1;
    return n;
}

INGRESS {
    bit<8> n;
    action set(bit<8> v) { h.x.result = v; }
    action set_ordered(bit<8> v) { h.x.ordered = v; }
    table t {
        key = {
            h.x.a + h.x.b : exact @name("sum");
            h.x.a[3:0] : exact @name("low");
            h.x.b & 0xf0 : ternary @name("masked");
            h.x.a == 1 : exact @name("is_one");
            h.y.isValid() : exact @name("has_y");
        }
        actions = { set; NoAction; }
        default_action = NoAction();
    }
    table ordered {
        key = {
            n : exact @name("before");
            next(n) : exact @name("next");
            n : exact @name("after");
        }
        actions = { set_ordered; NoAction; }
        default_action = NoAction();
        const entries = {
            (5, 6, 6) : set_ordered(1);
            (6, 6, 6) : set_ordered(2);
        }
    }
    apply {
        if (h.x.b == 0xff) { h.y = { 1 }; }
        t.apply();
        n = 5;
        ordered.apply();
    }
}

#include "parts/end.p4"
