// Not supported: @optional parameters.
#include "include/begin.p4"

control C(inout x_t x, @optional in bit<8> v) { apply {} }

INGRESS { apply {} }

#include "include/end.p4"
