// switch in a parser.
#define OWN_PARSER
#include "parts/begin.p4"

PARSER {
    state start {
        p.extract(h.x);
        switch (h.x.a) {
            1: { h.x.a = 2; }
        }
        transition accept;
    }
}

INGRESS { apply {} }

#include "parts/end.p4"
