// An error that is declared already.
#include "include/begin.p4"

error { NoMatch }

INGRESS { apply {} }

#include "include/end.p4"
