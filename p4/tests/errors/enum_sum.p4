// The sum of enums with underlying type is a number.
#include "include/begin.p4"

INGRESS {
    apply {
        m.kind = Kind.one + Kind.two;
    }
}

#include "include/end.p4"
