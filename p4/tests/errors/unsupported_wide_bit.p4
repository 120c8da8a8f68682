// Not supported: bit wider than 128.
#include "parts/begin.p4"

header z_t { bit<129> a; bit<7> pad; }

INGRESS { apply {} }

#include "parts/end.p4"
