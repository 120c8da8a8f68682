// A switch of a bool.
#include "include/begin.p4"

INGRESS {
    apply {
        switch (m.flag) {
            true: { h.x.a = 1; }
        }
    }
}

#include "include/end.p4"
