// An error that is declared already.
#include "parts/begin.p4"

error { NoMatch }

INGRESS { apply {} }

#include "parts/end.p4"
