// Not supported: @optional parameters.
#include "parts/begin.p4"

control C(inout x_t x, @optional in bit<8> v) { apply {} }

INGRESS { apply {} }

#include "parts/end.p4"
