// An extract with a size, of a header without varbit.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.x, 8);
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
