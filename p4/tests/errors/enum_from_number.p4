// A number where an enum with underlying type should be.
#include "include/begin.p4"

INGRESS {
    apply {
        m.kind = 1;
    }
}

#include "include/end.p4"
