// A transition to nothing.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        transition;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
