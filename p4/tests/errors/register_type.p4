// A register of headers.
#include "include/begin.p4"

INGRESS {
    register<x_t>(4) r;
    apply {

    }
}

#include "include/end.p4"
