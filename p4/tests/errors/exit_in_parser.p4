// exit in a parser.
#define OWN_PARSER
#include "include/begin.p4"

PARSER {
    state start {
        exit;
        transition accept;
    }
}

INGRESS { apply {} }

#include "include/end.p4"
