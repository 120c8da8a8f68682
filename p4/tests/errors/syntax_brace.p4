// A brace is not closed: the file ends within a control.
#include "parts/begin.p4"

INGRESS {
    apply {
        h.x.a = 1;
