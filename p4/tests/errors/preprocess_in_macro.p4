// What is wrong stands in a macro.
#include "include/begin.p4"

#define SUM h.x.a + h.x.b

INGRESS {
    apply {
        h.x.a = SUM;
    }
}

#include "include/end.p4"
