// Not supported: another architecture.
#include <core.p4>
#include <psa.p4>
