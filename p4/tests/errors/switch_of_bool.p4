// A switch of a bool.
#include "parts/begin.p4"

INGRESS {
    apply {
        switch (m.flag) {
            true: { h.x.a = 1; }
        }
    }
}

#include "parts/end.p4"
