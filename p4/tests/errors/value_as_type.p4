// A value where a type should be.
#include "include/begin.p4"

INGRESS {
    apply {
        h v;
    }
}

#include "include/end.p4"
