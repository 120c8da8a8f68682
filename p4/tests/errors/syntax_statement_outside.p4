// A statement outside of any block.
#include "include/begin.p4"

x = 1;

INGRESS { apply {} }

#include "include/end.p4"
