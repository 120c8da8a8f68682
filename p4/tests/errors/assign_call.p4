// An assignment to the result of a function.
#include "parts/begin.p4"

bit<8> f() { return 1; }

INGRESS {
    apply {
        f() = 2;
    }
}

#include "parts/end.p4"
