// A condition that is no number.
#include <core.p4>
#if 1 +
#endif
