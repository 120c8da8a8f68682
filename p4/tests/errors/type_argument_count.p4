// Too many type arguments.
#include "include/begin.p4"

INGRESS {
    register<bit<8>, bit<8>>(4) r;
    apply {

    }
}

#include "include/end.p4"
