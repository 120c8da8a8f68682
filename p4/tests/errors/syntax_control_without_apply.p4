// A control without apply.
#include "include/begin.p4"

control C(inout x_t x) {
    action a() {}
}

INGRESS { apply {} }

#include "include/end.p4"
