// A comparison of errors by size.
#include "include/begin.p4"

INGRESS {
    apply {
        if (s.parser_error < error.NoMatch) { h.x.a = 1; }
    }
}

#include "include/end.p4"
