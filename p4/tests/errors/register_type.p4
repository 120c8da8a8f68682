// A register of headers.
#include "parts/begin.p4"

INGRESS {
    register<x_t>(4) r;
    apply {

    }
}

#include "parts/end.p4"
