// A set of another type than the key.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.x);
        transition select(h.x.a) {
            16w1: accept;
            default: reject;
        }
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
