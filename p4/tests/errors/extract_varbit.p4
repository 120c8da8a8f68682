// An extract of a varbit without its size.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.v);
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
