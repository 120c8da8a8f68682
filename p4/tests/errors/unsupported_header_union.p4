// Not supported: header unions.
#include "include/begin.p4"

header_union u_t { x_t x; y_t y; }

INGRESS { apply {} }

#include "include/end.p4"
