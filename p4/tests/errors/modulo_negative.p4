// A modulo of a negative constant.
#include "include/begin.p4"

const int A = -7 % 2;

INGRESS { apply {} }

#include "include/end.p4"
