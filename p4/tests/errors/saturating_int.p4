// Saturating addition of numbers without width.
#include "parts/begin.p4"

const int A = 5 |+| 3;

INGRESS { apply {} }

#include "parts/end.p4"
