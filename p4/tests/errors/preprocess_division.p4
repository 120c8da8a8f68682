// A condition that divides by zero.
#include <core.p4>
#if 1 / 0
#endif
