// A macro without a name.
#include <core.p4>
#define 1 2
