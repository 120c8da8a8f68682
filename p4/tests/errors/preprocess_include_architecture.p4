// An architecture that there is not here.
#include <core.p4>
#include <psa.p4>
