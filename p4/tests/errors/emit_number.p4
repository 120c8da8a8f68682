// An emit of a number.
#define OWN_DEPARSER
#include "include/begin.p4"

INGRESS { apply {} }

DEPARSER { apply { p.emit(h.x.a); } }

#include "include/end.p4"
