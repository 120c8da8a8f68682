// What is wrong stands in a macro.
#include "parts/begin.p4"

#define SUM h.x.a + h.x.b

INGRESS {
    apply {
        h.x.a = SUM;
    }
}

#include "parts/end.p4"
