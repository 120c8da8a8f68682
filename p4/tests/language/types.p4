// Specification 1.2.5, "Typedef" and "Introducing new types": a typedef is another name, a type is
// a new one that is assigned, compared, and cast from and to the original type.
#include "parts/begin.p4"

typedef bit<8> byte_t;
typedef byte_t octet_t;
type bit<8> port_t;
type port_t uplink_t;
header e_t { octet_t v; }
typedef e_t[2] pair_of_headers_t;

header x_t { byte_t a; port_t port; bit<8> back; bool equal; bool different; bit<6> pad; }
struct headers { x_t x; pair_of_headers_t pair; }
struct metadata { uplink_t uplink; }

INGRESS {
    apply {
        octet_t o = h.x.a + 1;
        h.x.port = (port_t)o;
        h.x.back = (bit<8>)h.x.port + 1;
        h.x.equal = h.x.port == (port_t)(byte_t)8;
        m.uplink = (uplink_t)h.x.port;
        h.x.different = m.uplink != (uplink_t)(port_t)9;
        h.pair[1] = { o };
    }
}

#include "parts/end.p4"
