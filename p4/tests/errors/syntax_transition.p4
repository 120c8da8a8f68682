// A transition to nothing.
#define OWN_PARSER
#include "include/begin.p4"

PARSER {
    state start {
        transition;
    }
}

INGRESS { apply {} }

#include "include/end.p4"
