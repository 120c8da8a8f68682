// Not supported: random.
#include "include/begin.p4"

INGRESS {
    apply {
        random(h.x.a, 8w0, 8w255);
    }
}

#include "include/end.p4"
