// The parts of the package in the wrong order.
#include "parts/begin.p4"

PARSER { state start { transition accept; } }
VERIFY { apply {} }
INGRESS { apply {} }
EGRESS { apply {} }
UPDATE { apply {} }
DEPARSER { apply {} }
V1Switch(MyParser(), MyIngress(), MyVerify(), MyEgress(), MyUpdate(), MyDeparser()) main;
