// A size of a counter that is not constant.
#include "parts/begin.p4"

INGRESS {
    counter((bit<32>)h.x.a, CounterType.packets) c;
    apply {

    }
}

#include "parts/end.p4"
