// Not supported: random.
#include "parts/begin.p4"

INGRESS {
    apply {
        random(h.x.a, 8w0, 8w255);
    }
}

#include "parts/end.p4"
