// A division of constants by zero.
#include "parts/begin.p4"

const int A = 1 / (2 - 2);

INGRESS { apply {} }

#include "parts/end.p4"
