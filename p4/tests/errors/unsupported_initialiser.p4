// Not supported: instances with an initialiser.
#include "include/begin.p4"

INGRESS {
    counter(4, CounterType.packets) c = {
        void count(in bit<32> index) {}
    };
    apply {

    }
}

#include "include/end.p4"
