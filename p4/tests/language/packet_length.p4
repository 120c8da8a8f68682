// Core library, packet_in.length and v1model packet_length: both are the bytes of the whole
// packet.
#define OWN_PARSER
#include "parts/begin.p4"

header x_t { bit<8> in_parser; bit<8> in_ingress; }
struct headers { x_t x; }
struct metadata { bit<8> length; }

PARSER {
    state start {
        p.extract(h.x);
        m.length = (bit<8>)p.length();
        transition accept;
    }
}

INGRESS {
    apply {
        h.x.in_parser = m.length;
        h.x.in_ingress = (bit<8>)s.packet_length;
    }
}

#include "parts/end.p4"
