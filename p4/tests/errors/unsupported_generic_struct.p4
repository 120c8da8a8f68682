// Not supported: generic structs.
#include "parts/begin.p4"

struct box_t<T> { T content; }

INGRESS { apply {} }

#include "parts/end.p4"
