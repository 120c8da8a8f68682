// Not supported: action_selector.
#include "include/begin.p4"

INGRESS {
    action_selector(HashAlgorithm.crc16, 32, 16) selector_;
    apply {

    }
}

#include "include/end.p4"
