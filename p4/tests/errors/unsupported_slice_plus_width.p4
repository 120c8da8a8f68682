// Not supported: slices with a width, which came after version 1.2.5 of the language.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.b[4+:8];
    }
}

#include "parts/end.p4"
