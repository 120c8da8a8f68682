// Two states of one name.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start { transition next; }
    state next { transition accept; }
    state next { transition reject; }
}

INGRESS { apply {} }

#include "parts/end.p4"
