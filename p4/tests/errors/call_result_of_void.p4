// The result of what has none.
#include "parts/begin.p4"

void f() {}

INGRESS {
    apply {
        h.x.a = f();
    }
}

#include "parts/end.p4"
