// A semicolon is missing.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = 1
        h.x.c = 2;
    }
}

#include "parts/end.p4"
