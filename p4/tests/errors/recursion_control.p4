// A control that applies itself.
#include "include/begin.p4"

control C(inout x_t x) {
    apply { C.apply(x); }
}

INGRESS { apply {} }

#include "include/end.p4"
