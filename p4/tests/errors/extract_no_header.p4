// An extract to a number.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.x.a);
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
