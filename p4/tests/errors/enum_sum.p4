// The sum of enums with underlying type is a number.
#include "parts/begin.p4"

INGRESS {
    apply {
        m.kind = Kind.one + Kind.two;
    }
}

#include "parts/end.p4"
