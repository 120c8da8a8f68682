// Arithmetic with an enum without underlying type.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.color = m.color + 1;
    }
}

#include "parts/end.p4"
