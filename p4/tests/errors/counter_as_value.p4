// A counter in an expression.
#include "parts/begin.p4"

INGRESS {
    counter(4, CounterType.packets) c;
    apply {
        h.x.a = c;
    }
}

#include "parts/end.p4"
