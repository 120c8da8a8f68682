// An extract to a number.
#define OWN_PARSER
#include "include/begin.p4"

PARSER {
    state start {
        p.extract(h.x.a);
        transition accept;
    }
}

INGRESS { apply {} }

#include "include/end.p4"
