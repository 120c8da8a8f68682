// A transition to a state that there is not.
#define OWN_PARSER
#include "include/begin.p4"

PARSER {
    state start { transition ethernet; }
}

INGRESS { apply {} }

#include "include/end.p4"
