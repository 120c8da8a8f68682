// A return with a value in an action.
#include "parts/begin.p4"

INGRESS {
    action a() { return 1; }
    apply {
        a();
    }
}

#include "parts/end.p4"
