// Specification 1.2.5, "Invoking controls" and "Direct type invocation": controls apply others,
// three deep; variables begin anew at each apply; a control without constructor parameters can be
// applied by its type.
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> b; bit<8> c; }
struct headers { x_t x; }
struct metadata {}

control Inner(inout bit<8> v) {
    bit<8> local = 5;
    apply {
        local = local + 1;
        v = v + local;
    }
}

control Middle(in bit<8> v, out bit<8> w) {
    Inner() inner;
    bit<8> sum;
    apply {
        sum = v;
        inner.apply(sum);
        inner.apply(sum);
        w = sum;
    }
}

control Outer(inout x_t x) {
    Middle() middle;
    apply {
        middle.apply(x.a, x.b);
        Inner.apply(x.c);
    }
}

INGRESS {
    Outer() outer;
    apply { outer.apply(h.x); }
}

#include "parts/end.p4"
