// Not supported: packages of the program.
#include "include/begin.p4"

package Box(bit<8> size);

INGRESS { apply {} }

#include "include/end.p4"
