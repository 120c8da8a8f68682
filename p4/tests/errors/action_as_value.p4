// An action in an expression.
#include "include/begin.p4"

INGRESS {
    action a() {}
    apply {
        h.x.a = a();
    }
}

#include "include/end.p4"
