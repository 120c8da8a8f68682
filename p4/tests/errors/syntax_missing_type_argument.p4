// The type arguments are not closed.
#include "include/begin.p4"

INGRESS {
    apply {
        register<bit<8>(4) r;
    }
}

#include "include/end.p4"
