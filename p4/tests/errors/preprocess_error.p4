// An error that the program itself asks for.
#include <core.p4>
#ifndef PORTS
#error "say how many PORTS there are"
#endif
