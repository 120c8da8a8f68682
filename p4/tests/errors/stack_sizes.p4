// An assignment between stacks of different sizes.
#include "include/begin.p4"

INGRESS {
    apply {
        y_t[2] two;
        h.stack = two;
    }
}

#include "include/end.p4"
