// Two types of one name.
#include "include/begin.p4"

header x_t { bit<8> a; }

INGRESS { apply {} }

#include "include/end.p4"
