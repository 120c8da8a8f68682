// Two times #else.
#include <core.p4>
#if 1
#else
#else
#endif
