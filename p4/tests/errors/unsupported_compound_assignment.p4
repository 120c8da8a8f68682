// Not supported: the assignment +=, which came after version 1.2.5 of the language.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a += 1;
    }
}

#include "parts/end.p4"
