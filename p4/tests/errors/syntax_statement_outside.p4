// A statement outside of any block.
#include "parts/begin.p4"

x = 1;

INGRESS { apply {} }

#include "parts/end.p4"
