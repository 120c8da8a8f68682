// Not supported: header unions.
#include "parts/begin.p4"

header_union u_t { x_t x; y_t y; }

INGRESS { apply {} }

#include "parts/end.p4"
