// An extract of a varbit without its size.
#define OWN_PARSER
#include "include/begin.p4"

PARSER {
    state start {
        p.extract(h.v);
        transition accept;
    }
}

INGRESS { apply {} }

#include "include/end.p4"
