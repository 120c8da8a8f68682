// v1model, verify_checksum_with_payload and update_checksum_with_payload: the data is followed by
// what the parser left of the packet, of an even or odd number of bytes.
#define OWN_VERIFY
#define OWN_UPDATE
#include "parts/begin.p4"

header x_t { bit<8> a; bit<8> wrong; bit<16> sum; bit<16> new_sum; }
struct headers { x_t x; }
struct metadata {}

VERIFY {
    apply {
        verify_checksum_with_payload(true, { h.x.a, 8w0 }, h.x.sum, HashAlgorithm.csum16);
    }
}

INGRESS {
    apply {
        h.x.wrong = (bit<8>)s.checksum_error;
        h.x.a = h.x.a + 1;
    }
}

UPDATE {
    apply {
        update_checksum_with_payload(h.x.isValid(), { h.x.a, 8w0 }, h.x.new_sum,
                                     HashAlgorithm.csum16);
    }
}

#include "parts/end.p4"
