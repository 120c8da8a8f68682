// The type arguments are not closed.
#include "parts/begin.p4"

INGRESS {
    apply {
        register<bit<8>(4) r;
    }
}

#include "parts/end.p4"
