// Too many type arguments.
#include "parts/begin.p4"

INGRESS {
    register<bit<8>, bit<8>>(4) r;
    apply {

    }
}

#include "parts/end.p4"
