// A file to include that is not there.
#include <core.p4>
#include <v1model.p4>
#include "include/nowhere.p4"
