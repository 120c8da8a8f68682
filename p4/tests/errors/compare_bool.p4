// A comparison of bools by size.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (m.flag < true) { h.x.c = 1; }
    }
}

#include "parts/end.p4"
