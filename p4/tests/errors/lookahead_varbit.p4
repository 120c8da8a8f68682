// A lookahead of a header with a varbit.
#define OWN_PARSER
#include "include/begin.p4"

PARSER {
    state start {
        v_t v = p.lookahead<v_t>();
        transition accept;
    }
}

INGRESS { apply {} }

#include "include/end.p4"
