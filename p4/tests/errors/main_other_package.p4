// Not supported: a package of the program's own as main.
#include <core.p4>
#include <v1model.p4>

package Box(bit<8> size);

Box(1) main;
