// A default value of an out parameter.
#include "include/begin.p4"

void f(out bit<8> a = 1) { a = 1; }

INGRESS { apply {} }

#include "include/end.p4"
