// setValid of the header that a function gives, which is no place.
#include "parts/begin.p4"

y_t f() { return { 1, 2 }; }

INGRESS {
    apply {
        f().setValid();
    }
}

#include "parts/end.p4"
