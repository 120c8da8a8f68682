// exit in a function.
#include "include/begin.p4"

void f() { exit; }

INGRESS { apply {} }

#include "include/end.p4"
