// += came after version 1.2.5 of the language.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a += 1;
    }
}

#include "include/end.p4"
