// An instance of a control outside of any control.
#include "parts/begin.p4"

control C(inout x_t x) { apply {} }
C() c;

INGRESS { apply {} }

#include "parts/end.p4"
