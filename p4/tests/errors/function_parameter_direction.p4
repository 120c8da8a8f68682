// A parameter of a function without direction.
#include "include/begin.p4"

bit<8> f(bit<8> a) { return a; }

INGRESS { apply {} }

#include "include/end.p4"
