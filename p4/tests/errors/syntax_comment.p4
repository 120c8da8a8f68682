// A comment that does not end.
#include "include/begin.p4"

INGRESS { apply {} }

/* and so on
