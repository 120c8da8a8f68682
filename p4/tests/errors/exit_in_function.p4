// exit in a function.
#include "parts/begin.p4"

void f() { exit; }

INGRESS { apply {} }

#include "parts/end.p4"
