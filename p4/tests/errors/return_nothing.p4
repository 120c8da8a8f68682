// A return without the value.
#include "include/begin.p4"

bit<8> f() { return; }

INGRESS { apply {} }

#include "include/end.p4"
