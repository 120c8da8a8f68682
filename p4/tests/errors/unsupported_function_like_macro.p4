// Not supported: macros with parameters.
#include <core.p4>
#define ADD(a, b) ((a) + (b))
const bit<8> A = ADD(1, 2);
