// An #else without an #if.
#include <core.p4>
#else
