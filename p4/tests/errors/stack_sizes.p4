// An assignment between stacks of different sizes.
#include "parts/begin.p4"

INGRESS {
    apply {
        y_t[2] two;
        h.stack = two;
    }
}

#include "parts/end.p4"
