// A semicolon is missing.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = 1
        h.x.c = 2;
    }
}

#include "include/end.p4"
