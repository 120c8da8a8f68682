// Not supported: instances with an initialiser.
#include "parts/begin.p4"

INGRESS {
    counter(4, CounterType.packets) c = {
        void count(in bit<32> index) {}
    };
    apply {

    }
}

#include "parts/end.p4"
