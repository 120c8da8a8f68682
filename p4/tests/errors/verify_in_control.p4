// verify in a control.
#include "parts/begin.p4"

INGRESS {
    apply {
        verify(h.x.a == 1, error.NoMatch);
    }
}

#include "parts/end.p4"
