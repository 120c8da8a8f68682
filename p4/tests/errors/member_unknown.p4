// A member that the enumeration does not have.
#include "include/begin.p4"

INGRESS {
    apply {
        m.color = Color.blue;
    }
}

#include "include/end.p4"
