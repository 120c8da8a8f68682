// A comment that does not end.
#include "parts/begin.p4"

INGRESS { apply {} }

/* and so on
