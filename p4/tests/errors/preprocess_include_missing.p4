// A file to include that is not there.
#include <core.p4>
#include <v1model.p4>
#include "parts/nowhere.p4"
