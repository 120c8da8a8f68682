// A state that is called accept.
#define OWN_PARSER
#include "include/begin.p4"

PARSER {
    state start { transition accept; }
    state accept { transition reject; }
}

INGRESS { apply {} }

#include "include/end.p4"
