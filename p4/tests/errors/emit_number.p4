// An emit of a number.
#define OWN_DEPARSER
#include "parts/begin.p4"

INGRESS { apply {} }

DEPARSER { apply { p.emit(h.x.a); } }

#include "parts/end.p4"
