// Not supported: action_selector.
#include "parts/begin.p4"

INGRESS {
    action_selector(HashAlgorithm.crc16, 32, 16) selector_;
    apply {

    }
}

#include "parts/end.p4"
