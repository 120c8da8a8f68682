// A kind of counter that there is not.
#include "parts/begin.p4"

INGRESS {
    counter(4, CounterType.both) c;
    apply {

    }
}

#include "parts/end.p4"
