// Not supported: packages of the program.
#include "parts/begin.p4"

package Box(bit<8> size);

INGRESS { apply {} }

#include "parts/end.p4"
