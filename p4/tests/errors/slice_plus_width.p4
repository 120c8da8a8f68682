// [L+:W] came after version 1.2.5 of the language.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.b[4+:8];
    }
}

#include "include/end.p4"
