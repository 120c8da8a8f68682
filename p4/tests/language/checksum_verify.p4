// v1model, verify_checksum: a wrong checksum sets checksum_error where the condition holds; a
// right one, or a false condition, does not.
#define OWN_VERIFY
#include "parts/begin.p4"

header x_t { bit<8> check; bit<8> wrong; bit<16> a; bit<32> b; bit<16> sum; bit<16> crc; }
struct headers { x_t x; }
struct metadata {}

VERIFY {
    apply {
        verify_checksum(h.x.check[0:0] == 1, { h.x.a, h.x.b }, h.x.sum, HashAlgorithm.csum16);
        verify_checksum(h.x.check[1:1] == 1, { h.x.a, h.x.b }, h.x.crc, HashAlgorithm.crc16);
    }
}

INGRESS {
    apply { h.x.wrong = (bit<8>)s.checksum_error; }
}

#include "parts/end.p4"
