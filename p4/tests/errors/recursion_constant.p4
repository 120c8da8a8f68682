// A constant that is its own value.
#include "include/begin.p4"

const bit<8> A = A + 1;

INGRESS { apply {} }

#include "include/end.p4"
