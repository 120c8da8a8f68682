// An action that calls itself.
#include "include/begin.p4"

INGRESS {
    action a() { a(); }
    apply {
        a();
    }
}

#include "include/end.p4"
