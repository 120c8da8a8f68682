// A label of another type.
#include "parts/begin.p4"

INGRESS {
    apply {
        switch (h.x.a) {
            16w1: { h.x.a = 1; }
        }
    }
}

#include "parts/end.p4"
