// A member of an enumeration without the name of that.
#include "include/begin.p4"

INGRESS {
    apply {
        m.color = red;
    }
}

#include "include/end.p4"
