// A header as the key of select.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.y);
        transition select(h.y) {
            default: accept;
        }
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
