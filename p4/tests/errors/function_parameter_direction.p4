// A parameter of a function without direction.
#include "parts/begin.p4"

bit<8> f(bit<8> a) { return a; }

INGRESS { apply {} }

#include "parts/end.p4"
