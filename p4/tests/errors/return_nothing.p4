// A return without the value.
#include "parts/begin.p4"

bit<8> f() { return; }

INGRESS { apply {} }

#include "parts/end.p4"
