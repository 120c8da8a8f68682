// An action that calls itself.
#include "parts/begin.p4"

INGRESS {
    action a() { a(); }
    apply {
        a();
    }
}

#include "parts/end.p4"
