// An #if without its #endif.
#include <core.p4>
#if 1
const bit<8> A = 1;
