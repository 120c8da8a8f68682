// A number where an enum with underlying type should be.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.kind = 1;
    }
}

#include "parts/end.p4"
