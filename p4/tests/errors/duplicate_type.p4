// Two types of one name.
#include "parts/begin.p4"

header x_t { bit<8> a; }

INGRESS { apply {} }

#include "parts/end.p4"
