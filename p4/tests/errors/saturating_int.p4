// Saturating addition of numbers without width.
#include "include/begin.p4"

const int A = 5 |+| 3;

INGRESS { apply {} }

#include "include/end.p4"
