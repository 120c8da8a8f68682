// An assignment to the result of a function.
#include "include/begin.p4"

bit<8> f() { return 1; }

INGRESS {
    apply {
        f() = 2;
    }
}

#include "include/end.p4"
