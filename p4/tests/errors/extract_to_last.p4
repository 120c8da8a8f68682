// An extract to last, which is no place.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.stack.last);
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
