// A transition to a state that there is not.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start { transition ethernet; }
}

INGRESS { apply {} }

#include "parts/end.p4"
