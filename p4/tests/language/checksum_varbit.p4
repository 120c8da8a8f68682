// v1model, checksums and hashes: of a varbit the bits that it has are part of the data; a header
// in the data stands for its fields.
#define OWN_PARSER
#define OWN_UPDATE
#include "parts/begin.p4"

header x_t { bit<16> a; bit<16> b; bit<16> sum; bit<16> crc; bit<16> of_header; }
header v_t { bit<8> size; varbit<64> data; }
struct headers { x_t x; v_t v; }
struct metadata {}

PARSER {
    state start {
        p.extract(h.x);
        p.extract(h.v, (bit<32>)p.lookahead<bit<8>>() * 8);
        transition accept;
    }
}

INGRESS {
    apply {
        hash(h.x.crc, HashAlgorithm.crc16, 16w0, { h.x.a, h.v.size, h.v.data, h.x.b }, 32w0x10000);
        hash(h.x.of_header, HashAlgorithm.crc16, 16w0, { h.v }, 32w0x10000);
    }
}

UPDATE {
    apply {
        update_checksum(true, { h.x.a, h.v.size, h.v.data, h.x.b }, h.x.sum,
                        HashAlgorithm.csum16);
    }
}

#include "parts/end.p4"
