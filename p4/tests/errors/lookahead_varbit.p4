// A lookahead of a header with a varbit.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        v_t v = p.lookahead<v_t>();
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
