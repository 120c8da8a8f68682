// default before other labels.
#include "parts/begin.p4"

INGRESS {
    apply {
        switch (h.x.a) {
            default: { h.x.a = 1; }
            1: { h.x.a = 2; }
        }
    }
}

#include "parts/end.p4"
