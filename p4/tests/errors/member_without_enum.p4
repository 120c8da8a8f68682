// A member of an enumeration without the name of that.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.color = red;
    }
}

#include "parts/end.p4"
