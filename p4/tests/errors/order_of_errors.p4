// A comparison of errors by size.
#include "parts/begin.p4"

INGRESS {
    apply {
        if (s.parser_error < error.NoMatch) { h.x.a = 1; }
    }
}

#include "parts/end.p4"
