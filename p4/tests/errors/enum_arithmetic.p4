// Arithmetic with an enum without underlying type.
#include "include/begin.p4"

INGRESS {
    apply {
        m.color = m.color + 1;
    }
}

#include "include/end.p4"
