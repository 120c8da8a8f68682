// A constant that calls a function.
#include "include/begin.p4"

bit<8> f() { return 1; }
const bit<8> A = f();

INGRESS { apply {} }

#include "include/end.p4"
