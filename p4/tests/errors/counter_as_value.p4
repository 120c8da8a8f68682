// A counter in an expression.
#include "include/begin.p4"

INGRESS {
    counter(4, CounterType.packets) c;
    apply {
        h.x.a = c;
    }
}

#include "include/end.p4"
