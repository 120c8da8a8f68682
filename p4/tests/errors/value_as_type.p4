// A value where a type should be.
#include "parts/begin.p4"

INGRESS {
    apply {
        h v;
    }
}

#include "parts/end.p4"
