// A type where a value should be.
#include "include/begin.p4"

const bit<8> A = x_t;

INGRESS { apply {} }

#include "include/end.p4"
