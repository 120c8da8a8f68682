// A control that applies itself.
#include "parts/begin.p4"

control C(inout x_t x) {
    apply { C.apply(x); }
}

INGRESS { apply {} }

#include "parts/end.p4"
