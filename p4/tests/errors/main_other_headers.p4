// An ingress with other headers than the parser.
#include "parts/begin.p4"

PARSER { state start { transition accept; } }
VERIFY { apply {} }
control MyIngress(inout pair_t h, inout metadata m, inout standard_metadata_t s) { apply {} }
EGRESS { apply {} }
UPDATE { apply {} }
DEPARSER { apply {} }
V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparser()) main;
