// Not supported: sets of select that are not constant.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.a) {
            h.x.c: accept;
            default: reject;
        }
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
