// A return with a value in a function without result.
#include "include/begin.p4"

void f() { return 1; }

INGRESS { apply {} }

#include "include/end.p4"
