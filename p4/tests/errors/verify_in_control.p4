// verify in a control.
#include "include/begin.p4"

INGRESS {
    apply {
        verify(h.x.a == 1, error.NoMatch);
    }
}

#include "include/end.p4"
