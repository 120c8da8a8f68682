// A label of another type.
#include "include/begin.p4"

INGRESS {
    apply {
        switch (h.x.a) {
            16w1: { h.x.a = 1; }
        }
    }
}

#include "include/end.p4"
