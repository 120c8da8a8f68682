// main is a control.
#include "parts/begin.p4"

PARSER { state start { transition accept; } }
VERIFY { apply {} }
INGRESS { apply {} }
EGRESS { apply {} }
UPDATE { apply {} }
DEPARSER { apply {} }
MyIngress() main;
