// A part that is missing in the package.
#include "parts/begin.p4"

PARSER { state start { transition accept; } }
VERIFY { apply {} }
INGRESS { apply {} }
EGRESS { apply {} }
UPDATE { apply {} }
DEPARSER { apply {} }
V1Switch(MyParser(), MyVerify(), MyIngress(), MyUpdate(), MyDeparser()) main;
