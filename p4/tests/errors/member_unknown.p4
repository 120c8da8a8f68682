// A member that the enumeration does not have.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.color = Color.blue;
    }
}

#include "parts/end.p4"
