// return in a parser.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        return;
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
