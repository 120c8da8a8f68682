// A kind of counter that there is not.
#include "include/begin.p4"

INGRESS {
    counter(4, CounterType.both) c;
    apply {

    }
}

#include "include/end.p4"
