// Not supported: generic structs.
#include "include/begin.p4"

struct box_t<T> { T content; }

INGRESS { apply {} }

#include "include/end.p4"
