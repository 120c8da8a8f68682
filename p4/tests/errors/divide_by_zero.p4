// A division of constants by zero.
#include "include/begin.p4"

const int A = 1 / (2 - 2);

INGRESS { apply {} }

#include "include/end.p4"
