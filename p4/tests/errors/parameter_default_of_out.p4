// A default value of an out parameter.
#include "parts/begin.p4"

void f(out bit<8> a = 1) { a = 1; }

INGRESS { apply {} }

#include "parts/end.p4"
