// A method that packets do not have.
#define OWN_DEPARSER
#include "include/begin.p4"

INGRESS { apply {} }

DEPARSER { apply { p.send(h.x); } }

#include "include/end.p4"
