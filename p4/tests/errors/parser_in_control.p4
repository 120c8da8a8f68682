// A parser that a control instantiates.
#include "parts/begin.p4"

parser P(packet_in p, out x_t x) {
    state start { transition accept; }
}

INGRESS {
    P() q;
    apply {

    }
}

#include "parts/end.p4"
