// An #endif without an #if.
#include <core.p4>
#endif
