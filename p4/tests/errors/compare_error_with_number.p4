// A comparison of an error with a number.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (s.parser_error == 1) { h.x.a = 1; }
    }
}

#include "parts/end.p4"
