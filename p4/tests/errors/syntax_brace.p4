// A brace is not closed: the file ends within a control.
#include "include/begin.p4"

INGRESS {
    apply {
        h.x.a = 1;
