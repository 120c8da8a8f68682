// An action in an expression.
#include "parts/begin.p4"

INGRESS {
    action a() {}
    apply {
        h.x.a = a();
    }
}

#include "parts/end.p4"
