// A package that is not called main.
#include "parts/begin.p4"

PARSER { state start { transition accept; } }
VERIFY { apply {} }
INGRESS { apply {} }
EGRESS { apply {} }
UPDATE { apply {} }
DEPARSER { apply {} }
V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparser()) switch_;
