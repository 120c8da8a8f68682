// An enum without underlying type in a header.
#include "parts/begin.p4"

header z_t { Color color; bit<7> pad; }

INGRESS { apply {} }

#include "parts/end.p4"
