// A return with a value in a function without result.
#include "parts/begin.p4"

void f() { return 1; }

INGRESS { apply {} }

#include "parts/end.p4"
