// An operator without its right operand.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = h.x.a + ;
    }
}

#include "parts/end.p4"
