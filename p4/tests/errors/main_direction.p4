// An ingress whose headers have the wrong direction.
#include "parts/begin.p4"

PARSER { state start { transition accept; } }
VERIFY { apply {} }
control MyIngress(in headers h, inout metadata m, inout standard_metadata_t s) { apply {} }
EGRESS { apply {} }
UPDATE { apply {} }
DEPARSER { apply {} }
V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparser()) main;
