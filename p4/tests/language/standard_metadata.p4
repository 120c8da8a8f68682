// v1model, standard_metadata_t: what it says in ingress and egress, and that headers and metadata
// go from one part to the next.
#define OWN_PARSER
#define OWN_EGRESS
#include "parts/begin.p4"

header x_t {
    bit<8> ingress_port;
    bit<8> length;
    bit<8> instance;
    bit<8> egress_port;
    bit<8> spec;
    bit<8> carried;
}
struct headers { x_t x; }
struct metadata { bit<8> carried; }

PARSER {
    state start {
        p.extract(h.x);
        m.carried = m.carried + 1;
        transition accept;
    }
}

INGRESS {
    apply {
        h.x.ingress_port = (bit<8>)s.ingress_port;
        h.x.length = (bit<8>)s.packet_length;
        h.x.instance = (bit<8>)s.instance_type;
        h.x.spec = (bit<8>)s.egress_spec;
        s.egress_spec = s.ingress_port + 1;
        m.carried = m.carried + 4;
    }
}

EGRESS {
    apply {
        h.x.egress_port = (bit<8>)s.egress_port;
        h.x.carried = m.carried + 8;
    }
}

#include "parts/end.p4"
