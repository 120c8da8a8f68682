// A method that packets do not have.
#define OWN_DEPARSER
#include "parts/begin.p4"

INGRESS { apply {} }

DEPARSER { apply { p.send(h.x); } }

#include "parts/end.p4"
