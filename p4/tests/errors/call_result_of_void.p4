// The result of what has none.
#include "include/begin.p4"

void f() {}

INGRESS {
    apply {
        h.x.a = f();
    }
}

#include "include/end.p4"
