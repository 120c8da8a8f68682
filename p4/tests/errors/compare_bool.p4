// A comparison of bools by size.
#include "include/begin.p4"

INGRESS {
    apply {
        if (m.flag < true) { h.x.c = 1; }
    }
}

#include "include/end.p4"
